"""Templates: strict, escaped, compiled once."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from gateway.actions.access import ROLE_WORDS, may
from gateway.actions.words import age, date, day_of, time, whole
from gateway.records.ledger import IDLE_AFTER_S, TIMING_WORDS
from gateway.records.nhs_number import spaced
from gateway.web.asked import Asked
from gateway.web.headers import nonce
from gateway.web.static_files import address

_TEMPLATES = Path(__file__).parent / "templates"

#: Address, words, and the act that lets a role see it.
NAVIGATION = (
    ("/worklist", "Worklist", "worklist.see"),
    ("/audits", "Audit forms", "audit.see"),
    ("/sources", "Organisations", "sources.see"),
    ("/labour", "Hidden work", "labour.see"),
    ("/labour/cards", "Measures", "labour.see"),
    ("/my-work", "My work", "work.tell"),
    ("/accounts", "Accounts", "accounts.edit"),
    ("/access-log", "Access log", "access-log.see"),
)


class Renderer:
    """Raises jinja2.UndefinedError for a name that a page forgot: an empty place could hide a missing list."""

    def __init__(self, organisation: str) -> None:
        self._environment = Environment(
            loader=FileSystemLoader(_TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= {
            "nhs_number": spaced,
            "date": date,
            "time": time,
            "day": day_of,
            "duration": duration,
            "age": age,
            "whole": whole,
            "sentence": sentence,
        }
        self._environment.globals |= {
            "static": address,
            "organisation": organisation,
            "role_words": ROLE_WORDS,
            "nonce": nonce,
            "idle_after_s": IDLE_AFTER_S,
            "timing_words": TIMING_WORDS,
        }

    def page(self, template: str, asked: Asked | None, status: int = 200, **values: object) -> HTMLResponse:
        """One whole page; `asked` is None where nobody is signed in."""
        person = asked.session.person if asked else None
        open_ = asked is not None and not asked.session.must_change
        navigation = [(path, said) for path, said, act in NAVIGATION if person and open_ and may(person.role, act)]
        here = asked.request.url.path if asked else ""
        shared = {
            "person": person,
            "navigation": navigation,
            "here": here,
            "part": max((path for path, _ in navigation if here.startswith(path)), key=len, default=""),
            "csrf": asked.csrf() if asked else "",
            "form_key": asked.form_key() if asked else "",
            "shown_at": asked.shown if asked else "",
        }
        return HTMLResponse(self._environment.get_template(template).render(**shared, **values), status)

    def part(self, template: str, **values: object) -> str:
        """A piece of a page that needs nothing of who asks."""
        return self._environment.get_template(template).render(**values)


def sentence(text: str) -> str:
    """Its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


def duration(seconds: float | None) -> str:
    """ "12 s", "3 min 5 s", "2 h 4 min"."""
    if seconds is None:
        return "not known"
    whole = dt.timedelta(seconds=round(seconds))
    hours, rest = divmod(int(whole.total_seconds()), 3600)
    minutes, last = divmod(rest, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {last} s" if minutes else f"{last} s"
