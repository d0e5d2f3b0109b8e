"""A person changes their own password; every other sign-in of theirs ends."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update

from gateway.actions.accounts import act_on
from gateway.actions.passwords import HASHER, check_password
from gateway.actions.sign_in import Session, count_failure, password_matches, too_many_failures
from gateway.errors import InputError, NotSignedIn, UsageError
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account, SignedIn

_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_SESSIONS = SignedIn.__table__  # type: ignore[attr-defined]


def change_password(database: Database, *, session: Session, old: str, new: str, now: dt.datetime) -> None:
    """Wrong guesses at the old password count like wrong sign-ins. Raises InputError, or NotSignedIn once locked."""
    account = session.person.account
    with database.read() as connection:
        row = connection.execute(select(_ACCOUNTS).where(_ACCOUNTS.c.id == account)).one()
    if too_many_failures(row.locked_until, now):
        raise NotSignedIn("The account is locked for some minutes after several wrong passwords.", why="locked")
    if not password_matches(row.password_hash, old):
        count_failure(database, account, now)
        raise InputError("The password you have now is not right.")
    if new == old:
        raise InputError("The new password is the one you have now.")
    try:
        check_password(new, name=row.name, display_name=row.display_name)
    except UsageError as error:
        raise InputError(f"{error.words[0].upper()}{error.words[1:]}.") from None
    made = HASHER.hash(new)
    with database.write() as connection:
        values = {"password_hash": made, "must_change": False, "failures": 0, "locked_until": None}
        connection.execute(update(_ACCOUNTS).where(_ACCOUNTS.c.id == account).values(values))
        connection.execute(
            delete(_SESSIONS).where(_SESSIONS.c.account == account, _SESSIONS.c.token_hash != session.token_hash)
        )
        ledger.append(connection, [act_on("user.password", account, session.person, {})], now.isoformat())
