""" "I had to ...": work outside the screen, told with two clicks; counted as told, never as measured."""

from __future__ import annotations

import datetime as dt

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.errors import InputError
from gateway.labour.work_steps import work_steps
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database

LONGEST_MINUTES = 480
LONGEST_SYSTEM = 80


def tell_work_outside(
    database: Database, *, what: str, minutes: float, system: str, by: Person, now: dt.datetime
) -> None:
    """`what` is a code of work_steps.yaml. Raises InputError with what is wrong."""
    require(by, "work.tell")
    if what not in work_steps().outside:
        raise InputError("Choose what you had to do.")
    if not 0 < minutes <= LONGEST_MINUTES:
        raise InputError(f"Minutes are a number above 0 and at most {LONGEST_MINUTES}.")
    named = " ".join(system.split())
    if len(named) > LONGEST_SYSTEM or not named.isprintable():
        raise InputError(f"Name the system or place in at most {LONGEST_SYSTEM} characters.")
    act = Act(
        kind="work.outside", subject=new_id(), actor=by.account, role=by.role, reason=what, seconds=minutes * 60,
        timing="told", payload={"system": named, "minutes": minutes},
    )  # fmt: skip
    with database.write() as connection:
        ledger.append(connection, [act], now.isoformat())


def outside_words() -> dict[str, str]:
    """What can be told, by code, in words that follow "I had to"."""
    return {code: one.words for code, one in work_steps().outside.items()}
