"""Sign in and out, sessions, and anti-forgery tokens.

A session is a row; the browser holds a random 256-bit token of which only the SHA-256 is kept. A wrong name costs as
much time as a wrong password and gives the same words.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from msgspec import Struct
from sqlalchemy import delete, insert, select, update

from gateway.actions.access import Person
from gateway.actions.accounts import HASHER
from gateway.errors import NotSignedIn
from gateway.settings import Settings
from gateway.store.database import Database
from gateway.store.tables import Account, SignedIn

FAILURES_ALLOWED = 5
LOCKED_FOR = dt.timedelta(minutes=15)
WRONG = "The name or the password is not right, or the account is locked for some minutes after several tries."

_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_SESSIONS = SignedIn.__table__  # type: ignore[attr-defined]

#: Verified where no account has the name, so that the answer takes as long.
_NOBODY = HASHER.hash(secrets.token_urlsafe(16))


class Session(Struct, frozen=True, kw_only=True):
    """A session that holds now; `last_seen` is when the request before this one came."""

    token_hash: str
    csrf_secret: str
    person: Person
    last_seen: dt.datetime


def sign_in(database: Database, settings: Settings, *, name: str, password: str, now: dt.datetime) -> str:
    """The token for the cookie. Raises NotSignedIn, after a fifth failure for a quarter of an hour."""
    with database.read() as connection:
        row = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.name == name.strip().lower()[:100])).first()
    good = _matches(row.password_hash if row else _NOBODY, password)
    if row is None:
        raise NotSignedIn(WRONG)
    locked = row.locked_until is not None and dt.datetime.fromisoformat(row.locked_until) > now
    if not good or locked or row.disabled:
        if not good and not locked:
            _count_failure(database, row.id, now)
        raise NotSignedIn(WRONG)
    token = secrets.token_urlsafe(32)
    session = {
        "token_hash": _hash(token),
        "account": row.id,
        "csrf_secret": secrets.token_urlsafe(32),
        "created_at": now.isoformat(),
        "last_seen_at": now.isoformat(),
        "expires_at": (now + dt.timedelta(hours=settings.session_hours)).isoformat(),
    }
    with database.write() as connection:
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == row.id).values(failures=0, locked_until=None))
        connection.execute(delete(_SESSIONS).where(_SESSIONS.c.expires_at < now.isoformat()))
        connection.execute(insert(_SESSIONS), [session])
    return token


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def _count_failure(database: Database, account: str, now: dt.datetime) -> None:
    """Counted inside the transaction, so that tries at the same moment all count."""
    with database.write() as connection:
        row = connection.execute(select(_ACCOUNTS.c.failures).where(_ACCOUNTS.c.id == account).with_for_update()).one()
        failures = row.failures + 1
        locked = (now + LOCKED_FOR).isoformat() if failures >= FAILURES_ALLOWED else None
        connection.execute(
            update(_ACCOUNTS)
            .where(_ACCOUNTS.c.id == account)
            .values(failures=0 if locked else failures, locked_until=locked)
        )


def session_of(
    database: Database, settings: Settings, *, token: str | None, now: dt.datetime, active: bool = True
) -> Session:
    """The session of a cookie's token. Raises NotSignedIn where there is none, it idled too long, or it ended.

    `active` is False for a page that refreshes itself: a screen that nobody looks at must not stay signed in.
    """
    if not token or len(token) > 200:
        raise NotSignedIn("Sign in to see this page.")
    key = _hash(token)
    query = select(_SESSIONS, _ACCOUNTS).join_from(_SESSIONS, _ACCOUNTS).where(_SESSIONS.c.token_hash == key)
    with database.read() as connection:
        row = connection.execute(query).first()
    if row is None or row.disabled:
        raise NotSignedIn("Sign in to see this page.")
    seen = dt.datetime.fromisoformat(row.last_seen_at)
    idle = now - seen > dt.timedelta(minutes=settings.session_idle_minutes)
    if idle or dt.datetime.fromisoformat(row.expires_at) <= now:
        sign_out(database, token=token)
        raise NotSignedIn("You were signed out after a time without activity. Sign in again.")
    if active and now - seen > dt.timedelta(seconds=5):
        with database.write() as connection:
            connection.execute(
                update(_SESSIONS).where(_SESSIONS.c.token_hash == key).values(last_seen_at=now.isoformat())
            )
    person = Person(
        account=row.account,
        name=row.name,
        display_name=row.display_name,
        role=row.role,
        staff_group=row.staff_group,
        band=row.band,
    )
    return Session(token_hash=key, csrf_secret=row.csrf_secret, person=person, last_seen=seen)


def sign_out(database: Database, *, token: str) -> None:
    with database.write() as connection:
        connection.execute(delete(_SESSIONS).where(_SESSIONS.c.token_hash == _hash(token)))


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def csrf_token(session: Session) -> str:
    """The anti-forgery token of a form; another one each time, so that compressed pages give no hold to guess it by."""
    salt = secrets.token_urlsafe(12)
    return f"{salt}.{_signed(session, salt)}"


def csrf_holds(session: Session, given: str) -> bool:
    salt, _, signature = given[:200].partition(".")
    return hmac.compare_digest(_signed(session, salt).encode(), signature.encode("utf-8", "replace"))


def _signed(session: Session, salt: str) -> str:
    message = salt.encode("utf-8", "replace")
    return hmac.new(session.csrf_secret.encode(), message, hashlib.sha256).hexdigest()
