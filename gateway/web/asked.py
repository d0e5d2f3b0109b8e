"""One request of a person who is signed in: who asks, the form they sent, and how long it took them."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from urllib.parse import parse_qsl

from msgspec import Struct
from starlette.requests import Request

from gateway.actions.access import Person
from gateway.actions.house import House
from gateway.actions.sign_in import Session, csrf_holds, csrf_token, session_of
from gateway.errors import NotAllowed, UsageError

COOKIE = "gateway-session"

#: Sent by a page that refreshes itself.
BY_ITSELF = "x-gateway-refresh"

#: A form of ours has a few fields and one note of at most 4,000 characters.
_LARGEST_FORM = 64 * 1024
_MOST_FIELDS = 60

#: Longer than this between showing a form and sending it, nobody was working on it all the time.
_LONGEST_STEP_S = 3_600.0


class Timing(Struct, frozen=True):
    """`how` is page (a script counted the seconds in view) or request-gap (from page shown to form sent)."""

    seconds: float | None
    how: str | None


class Asked:
    """A request with its session. `form` is empty for a GET."""

    def __init__(self, request: Request, session: Session, form: dict[str, str]) -> None:
        self.request, self.session, self.form = request, session, form
        self.shown = house_of(request).now().isoformat(timespec="milliseconds")

    @property
    def person(self) -> Person:
        return self.session.person

    def csrf(self) -> str:
        return csrf_token(self.session)

    def form_key(self) -> str:
        """A key for one form, so that the form sent twice is taken once."""
        return secrets.token_urlsafe(12)

    def text(self, field: str) -> str:
        return self.form.get(field, "").strip()

    def number(self, field: str) -> int:
        """Raises UsageError for what is no whole number: only a changed form sends that."""
        try:
            return int(self.form.get(field, ""))
        except ValueError:
            raise UsageError("The form is not whole; open the page again.") from None

    def timing(self) -> Timing:
        """How long the step took; nothing where neither way of measuring can be believed."""
        try:
            active = float(self.form.get("active", ""))
        except ValueError:
            active = -1.0
        if 0 <= active <= _LONGEST_STEP_S:
            return Timing(round(active, 1), "page")
        try:
            shown = dt.datetime.fromisoformat(self.form.get("shown", ""))
            gap = (house_of(self.request).now() - shown).total_seconds()
        except (ValueError, TypeError):
            return Timing(None, None)
        return Timing(round(gap, 1), "request-gap") if 0 <= gap <= _LONGEST_STEP_S else Timing(None, None)


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def asked(request: Request) -> Asked:
    """Raises NotSignedIn, and for a form without the session's anti-forgery token NotAllowed."""
    house = house_of(request)
    session = await asyncio.to_thread(
        session_of,
        house.database,
        house.settings,
        token=request.cookies.get(COOKIE),
        now=house.now(),
        active=BY_ITSELF not in request.headers,
    )
    if request.method in {"GET", "HEAD"}:
        return Asked(request, session, {})
    form = await read_form(request)
    if not csrf_holds(session, form.get("csrf", "")):
        raise NotAllowed("This form is no longer valid; open the page again and send it from there.")
    return Asked(request, session, form)


async def read_form(request: Request) -> dict[str, str]:
    """The last value of each field. Raises UsageError for what no form of ours would send."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/x-www-form-urlencoded":
        raise UsageError("Forms are sent as application/x-www-form-urlencoded.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _LARGEST_FORM:
            raise UsageError("The form is too large.")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise UsageError("The form cannot be read.") from None
    return dict(pairs)
