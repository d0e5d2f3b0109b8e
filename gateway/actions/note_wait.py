"""That a person waited for the organisations' answers, and how long: time that is spent, but is no work."""

from __future__ import annotations

import datetime as dt

from gateway.actions.access import Person, require
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database


def note_wait(database: Database, *, review: str, seconds: float, by: Person, now: dt.datetime) -> None:
    """From asking until the last organisation answered or its time was up."""
    require(by, "worklist.see")
    act = Act(
        kind="fetch.waited", subject=review, actor=by.account, role=by.role, seconds=round(seconds, 1), timing="elapsed"
    )
    with database.write() as connection:
        ledger.append(connection, [act], now.isoformat())
