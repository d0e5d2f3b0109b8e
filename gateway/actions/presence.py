"""Who else has a review open, and who changed a row last: two people at one patient see each other."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.actions.access import ROLE_WORDS, Person, require
from gateway.store.database import Database
from gateway.store.tables import Account, LedgerRow, Presence

_PRESENCE = Presence.__table__  # type: ignore[attr-defined]
_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_LEDGER = LedgerRow.__table__  # type: ignore[attr-defined]

#: Not drawn again for so long, a page is taken to be closed.
STILL_HERE = dt.timedelta(minutes=15)

_CHANGES = ("row.decided", "row.undone", "row.checked", "row.carried")


class Other(Struct, frozen=True, kw_only=True):
    """Another person, and how long ago in words."""

    name: str
    role: str
    ago: str


def note_presence(connection: Connection, *, review: str, by: Person, now: dt.datetime) -> None:
    """In the transaction that records the look."""
    mine = (_PRESENCE.c.review == review, _PRESENCE.c.account == by.account)
    changed = connection.execute(update(_PRESENCE).where(*mine).values(at=now.isoformat()))
    if not changed.rowcount:
        # The same person may open it in two windows at one moment.
        with suppress(IntegrityError), connection.begin_nested():
            connection.execute(insert(_PRESENCE), [{"review": review, "account": by.account, "at": now.isoformat()}])


def others_here(database: Database, *, review: str, by: Person, now: dt.datetime) -> tuple[Other, ...]:
    """Who else looked at this review within STILL_HERE, the latest first."""
    require(by, "review.see")
    query = (
        select(_ACCOUNTS.c.display_name, _ACCOUNTS.c.role, _PRESENCE.c.at)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _PRESENCE.c.account)
        .where(
            _PRESENCE.c.review == review,
            _PRESENCE.c.account != by.account,
            _PRESENCE.c.at >= (now - STILL_HERE).isoformat(),
        )
        .order_by(_PRESENCE.c.at.desc())
    )
    with database.read() as connection:
        return tuple(_other(r.display_name, r.role, r.at, now) for r in connection.execute(query))


def here_now(connection: Connection, now: dt.datetime) -> dict[str, tuple[Other, ...]]:
    """By review, whoever has it open, the latest first."""
    query = (
        select(_PRESENCE.c.review, _ACCOUNTS.c.display_name, _ACCOUNTS.c.role, _PRESENCE.c.at)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _PRESENCE.c.account)
        .where(_PRESENCE.c.at >= (now - STILL_HERE).isoformat())
        .order_by(_PRESENCE.c.at.desc())
    )
    found: dict[str, tuple[Other, ...]] = {}
    for row in connection.execute(query):
        found[row.review] = (*found.get(row.review, ()), _other(row.display_name, row.role, row.at, now))
    return found


def who_changed(database: Database, *, review: str, row: str, by: Person, now: dt.datetime) -> Other | None:
    """The person whose act on this row is the newest, from the ledger; None where it was the gateway or nobody."""
    require(by, "review.see")
    query = (
        select(_ACCOUNTS.c.display_name, _ACCOUNTS.c.role, _LEDGER.c.at)
        .join(_ACCOUNTS, _ACCOUNTS.c.id == _LEDGER.c.actor)
        .where(_LEDGER.c.subject == review, _LEDGER.c.item == row, _LEDGER.c.kind.in_(_CHANGES))
        .order_by(_LEDGER.c.seq.desc())
        .limit(1)
    )
    with database.read() as connection:
        found = connection.execute(query).first()
    return _other(found.display_name, found.role, found.at, now) if found else None


def _other(name: str, role: str, at: str, now: dt.datetime) -> Other:
    return Other(name=name, role=ROLE_WORDS.get(role, role), ago=ago(now - dt.datetime.fromisoformat(at)))


def ago(passed: dt.timedelta) -> str:
    """ "20 seconds ago", "1 minute ago", "3 hours ago"."""
    seconds = max(int(passed.total_seconds()), 0)
    count, unit = next(
        (seconds // n, u) for n, u in ((3600, "hour"), (60, "minute"), (1, "second")) if seconds >= n or n == 1
    )
    return f"{count} {unit}{'' if count == 1 else 's'} ago"
