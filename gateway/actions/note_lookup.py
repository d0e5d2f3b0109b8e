"""That a clerk looked an answer up in another system: which, and how long it took. No computer sees that work."""

from __future__ import annotations

import datetime as dt

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import open_line
from gateway.errors import InputError
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database


def outside_lookup(
    database: Database, *, case: str, question: str, system: str, minutes: float, by: Person, now: dt.datetime
) -> None:
    """ "I looked it up in another system": which, and how long it took."""
    require(by, "audit.answer")
    if not 0 < minutes <= 480:
        raise InputError("Minutes are a number above 0 and at most 480.")
    if not system.strip() or len(system) > 200 or "\0" in system:
        raise InputError("Name the other system in at most 200 characters.")
    with database.write() as connection:
        open_line(connection, case, question)
        act = Act(
            kind="lookup.outside",
            subject=case,
            item=question,
            actor=by.account,
            role=by.role,
            reason=system.strip(),
            seconds=minutes * 60,
            timing="told",
            payload={"minutes": minutes},
        )
        ledger.append(connection, [act], now.isoformat())
