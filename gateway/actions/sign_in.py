"""Sign in and out, sessions, and anti-forgery tokens.

A session is a row; the browser holds a random 256-bit token of which only the SHA-256 is kept. A wrong name costs as
much time as a wrong password and gives the same words.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from typing import Any

from argon2.exceptions import InvalidHashError, VerifyMismatchError
from msgspec import Struct
from sqlalchemy import Row, delete, insert, select, update

from gateway.actions.access import Person
from gateway.actions.passwords import HASHER
from gateway.errors import NotSignedIn
from gateway.settings import Settings
from gateway.store import access_log
from gateway.store.database import Database
from gateway.store.tables import Account, SignedIn

FAILURES_ALLOWED = 5
LOCKED_FOR = dt.timedelta(minutes=15)
WRONG = "The name or the password is not right, or the account is locked for some minutes after several tries."

_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_SESSIONS = SignedIn.__table__  # type: ignore[attr-defined]

SIGN_IN, SIGN_OUT = "sign-in", "sign-out"
NOBODY = "nobody"

#: Verified where no account has the name, so that the answer takes as long.
_NOBODY = HASHER.hash(secrets.token_urlsafe(16))


class Session(Struct, frozen=True, kw_only=True):
    """A session that holds now; `last_seen` is when the request before this one came.

    `must_change`: the password was given once by an administrator, and nothing but changing it is open.
    """

    token_hash: str
    csrf_secret: str
    person: Person
    last_seen: dt.datetime
    must_change: bool = False


class SessionOver(NotSignedIn):
    """It idled too long or reached its end just now. `session` is how it was, to tell a form of its own."""

    def __init__(self, words: str, why: str, session: Session) -> None:
        super().__init__(words, why)
        self.session = session


def sign_in(database: Database, settings: Settings, *, name: str, password: str, now: dt.datetime) -> str:
    """The token for the cookie. Raises NotSignedIn, after a fifth failure for a quarter of an hour."""
    with database.read() as connection:
        row = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.name == name.strip().lower()[:100])).first()
    good = password_matches(row.password_hash if row else _NOBODY, password)
    locked = row is not None and too_many_failures(row.locked_until, now)
    if row is None or not good or locked or row.disabled:
        if row is not None and not good and not locked:
            count_failure(database, row.id, now)
        _note(database, SIGN_IN, row, now, allowed=False)
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
        access_log.note(
            connection, at=now.isoformat(), account=row.id, role=row.role, action=SIGN_IN, patient=None, allowed=True
        )
    return token


def _note(database: Database, action: str, row: Row[Any] | None, now: dt.datetime, *, allowed: bool) -> None:
    """What was typed as a name that nobody has is not kept: it may be a password in the wrong field."""
    who, role = (row.id, row.role) if row is not None else (NOBODY, "unknown")
    with database.write() as connection:
        access_log.note(
            connection, at=now.isoformat(), account=who, role=role, action=action, patient=None, allowed=allowed
        )


def too_many_failures(locked_until: str | None, now: dt.datetime) -> bool:
    return locked_until is not None and dt.datetime.fromisoformat(locked_until) > now


def password_matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def count_failure(database: Database, account: str, now: dt.datetime) -> None:
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
        raise NotSignedIn("Sign in to see this page.", why="ended")
    seen = dt.datetime.fromisoformat(row.last_seen_at)
    idle = now - seen > dt.timedelta(minutes=settings.session_idle_minutes)
    person = Person(
        account=row.account,
        name=row.name,
        display_name=row.display_name,
        role=row.role,
        staff_group=row.staff_group,
        band=row.band,
    )
    session = Session(
        token_hash=key, csrf_secret=row.csrf_secret, person=person, last_seen=seen, must_change=row.must_change
    )
    if idle or dt.datetime.fromisoformat(row.expires_at) <= now:
        with database.write() as connection:
            connection.execute(delete(_SESSIONS).where(_SESSIONS.c.token_hash == key))
        words = "You were signed out after a time without activity. Sign in again."
        raise SessionOver(words, "idle" if idle else "long", session)
    if active and now - seen > dt.timedelta(seconds=5):
        with database.write() as connection:
            connection.execute(
                update(_SESSIONS).where(_SESSIONS.c.token_hash == key).values(last_seen_at=now.isoformat())
            )
    return session


def sign_out(database: Database, *, token: str, now: dt.datetime) -> None:
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.role).join_from(_SESSIONS, _ACCOUNTS)
    with database.write() as connection:
        row = connection.execute(query.where(_SESSIONS.c.token_hash == _hash(token))).first()
        if row is None:
            return
        connection.execute(delete(_SESSIONS).where(_SESSIONS.c.token_hash == _hash(token)))
        access_log.note(
            connection, at=now.isoformat(), account=row.id, role=row.role, action=SIGN_OUT, patient=None, allowed=True
        )


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
