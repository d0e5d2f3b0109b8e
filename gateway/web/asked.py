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
from gateway.actions.sign_in import Session, SessionOver, csrf_holds, csrf_token, session_of
from gateway.errors import NotAllowed, NotSignedIn, PasswordDue, UsageError
from gateway.records.ledger import IDLE_AFTER_S

#: Over HTTPS the browser keeps the name to this host, path / and Secure; over plain HTTP it would refuse it.
COOKIE = "gateway-session"
SECURE_COOKIE = f"__Host-{COOKIE}"

#: What a person with a one-time password may ask for.
_BEFORE_THE_CHANGE = {"/password", "/sign-out"}

#: Sent by a page that refreshes itself.
BY_ITSELF = "x-gateway-refresh"

#: A form of ours has a few fields and one note of at most 4,000 characters.
_LARGEST_FORM = 64 * 1024
_MOST_FIELDS = 80

#: Longer than this between showing a form and sending it, nobody was working on it all the time.
_LONGEST_STEP_S = 3_600.0


class Timing(Struct, frozen=True):
    """`how` is page (a script counted the seconds in view and in use) or request-gap (since the request before)."""

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
        return self.gap()

    def gap(self) -> Timing:
        """From the last request, or from this form if that was shown later; what goes beyond the threshold is idle."""
        try:
            shown = dt.datetime.fromisoformat(self.form.get("shown", ""))
            since = max(shown, self.session.last_seen)
        except (ValueError, TypeError):
            since = self.session.last_seen
        gap = (house_of(self.request).now() - since).total_seconds()
        return Timing(round(min(gap, IDLE_AFTER_S), 1), "request-gap") if gap >= 0 else Timing(None, None)


class FormKept(NotSignedIn):
    """A form of a session that was just over: its person signs in again and sends it then."""

    def __init__(self, over: SessionOver, form: dict[str, str]) -> None:
        super().__init__(over.words, over.why)
        self.account = over.session.person.account
        self.fields = {name: value for name, value in form.items() if name != "csrf"}


def cookie_of(request: Request) -> str:
    """The name of the session's cookie."""
    return SECURE_COOKIE if house_of(request).settings.secure_cookies else COOKIE


def house_of(request: Request) -> House:
    house: House = request.app.state.house
    return house


async def asked(request: Request) -> Asked:
    """Raises NotSignedIn, and for a form without the session's anti-forgery token NotAllowed."""
    house = house_of(request)
    try:
        session = await asyncio.to_thread(
            session_of,
            house.database,
            house.settings,
            token=request.cookies.get(cookie_of(request)),
            now=house.now(),
            active=BY_ITSELF not in request.headers,
        )
    except SessionOver as over:
        if request.method not in {"GET", "HEAD"}:
            form = await read_form(request)
            if csrf_holds(over.session, form.get("csrf", "")):
                raise FormKept(over, form) from None
        raise
    if session.must_change and request.url.path not in _BEFORE_THE_CHANGE:
        raise PasswordDue("Choose a password of your own first.")
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
