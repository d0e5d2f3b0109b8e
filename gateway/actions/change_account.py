"""What an administrator does to an account: role and groups, disable, enable, unlock, give a one-time password."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, Row, delete, select, update

from gateway.actions.access import ROLES, Person, require
from gateway.actions.accounts import BANDS, STAFF_GROUPS, act_on, check_display_name
from gateway.actions.passwords import HASHER, one_time_password
from gateway.errors import Conflict, NotFound, UsageError
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account, SignedIn

_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_SESSIONS = SignedIn.__table__  # type: ignore[attr-defined]

LAST_ONE = "This is the last administrator who can sign in; make somebody else administrator first."


def edit_account(
    database: Database,
    *,
    account: str,
    display_name: str,
    role: str,
    staff_group: str | None,
    band: str | None,
    by: Person,
    now: dt.datetime,
) -> None:
    """Holds from the person's next request on. Raises UsageError, NotFound, or Conflict for the last administrator."""
    require(by, "accounts.edit")
    check_display_name(display_name)
    if role not in ROLES:
        raise UsageError("Choose one of the roles.")
    with database.write() as connection:
        there = _account(connection, account)
        check_groups(staff_group, band, (there.staff_group, there.band))
        if there.role == "administrator" and role != "administrator":
            _not_the_last(connection, account)
        values = {"display_name": display_name.strip(), "role": role, "staff_group": staff_group, "band": band}
        before = {name: getattr(there, name) for name in values if name != "display_name"}
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(values))
        after = {name: value for name, value in values.items() if name != "display_name"}
        ledger.append(
            connection, [act_on("user.changed", account, by, {"before": before, "after": after})], now.isoformat()
        )


def check_groups(staff_group: str | None, band: str | None, kept: tuple[str | None, str | None] = (None, None)) -> None:
    """Raises UsageError for a group or band of no list; one that the account has already may stay."""
    if staff_group not in {None, kept[0], *STAFF_GROUPS}:
        raise UsageError("Choose one of the staff groups.")
    if band not in {None, kept[1], *BANDS}:
        raise UsageError("Choose one of the bands.")


def disable_account(database: Database, *, account: str, by: Person | None, now: dt.datetime) -> None:
    """Nobody signs in with it any more, and who is signed in is signed out at once."""
    _allowed(by)
    with database.write() as connection:
        there = _account(connection, account)
        if there.disabled:
            raise Conflict("The account is disabled already.")
        if there.role == "administrator":
            _not_the_last(connection, account)
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(disabled=True))
        ended = connection.execute(delete(_SESSIONS).where(_SESSIONS.c.account == account)).rowcount
        ledger.append(connection, [act_on("user.disabled", account, by, {"sessions_ended": ended})], now.isoformat())


def enable_account(database: Database, *, account: str, by: Person | None, now: dt.datetime) -> None:
    _allowed(by)
    with database.write() as connection:
        if not _account(connection, account).disabled:
            raise Conflict("The account is not disabled.")
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(disabled=False))
        ledger.append(connection, [act_on("user.enabled", account, by, {})], now.isoformat())


def unlock_account(database: Database, *, account: str, by: Person | None, now: dt.datetime) -> None:
    _allowed(by)
    with database.write() as connection:
        _account(connection, account)
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(failures=0, locked_until=None))
        ledger.append(connection, [act_on("user.unlocked", account, by, {})], now.isoformat())


def reset_password(database: Database, *, account: str, by: Person | None, now: dt.datetime) -> str:
    """A password to be shown once; the person must change it at the next sign-in. Their sessions end."""
    _allowed(by)
    given = one_time_password()
    made = HASHER.hash(given)
    with database.write() as connection:
        _account(connection, account)
        values = {"password_hash": made, "must_change": True, "failures": 0, "locked_until": None}
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(values))
        connection.execute(delete(_SESSIONS).where(_SESSIONS.c.account == account))
        ledger.append(connection, [act_on("user.reset", account, by, {})], now.isoformat())
    return given


def account_named(database: Database, name: str) -> str:
    """The id of the account of this name. Raises NotFound."""
    with database.read() as connection:
        found = connection.execute(select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.name == name.strip().lower())).scalar()
    if found is None:
        raise NotFound(f"there is no account named {name!r}")
    return str(found)


def _allowed(by: Person | None) -> None:
    if by is not None:
        require(by, "accounts.edit")


def _account(connection: Connection, account: str) -> Row[Any]:
    there = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account).with_for_update()).first()
    if there is None:
        raise NotFound("There is no such account.")
    return there


def _not_the_last(connection: Connection, account: str) -> None:
    """Locks every administrator's row: two who demote each other at one moment must not both succeed."""
    query = select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.role == "administrator", _ACCOUNTS.c.disabled.is_(False))
    if not {row.id for row in connection.execute(query.order_by(_ACCOUNTS.c.id).with_for_update())} - {account}:
        raise Conflict(LAST_ONE)
