"""What a change saved, and what it only moved from one role to another: weeks before it against weeks after it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.actions.labour_page import labour_cube
from gateway.errors import UsageError
from gateway.labour.cube import Cube
from gateway.labour.intervals import MINIMUM_CELL
from gateway.labour.moved import Balance, balance
from gateway.labour.spread import total
from gateway.records.labour import StepFact
from gateway.store.database import Database

LONGEST_WEEKS = 26


class SavedAndMoved(Struct, frozen=True, kw_only=True):
    """Minutes by role for one signed review. `balance` is None where either side has fewer than five reviews.

    Roles with fewer than five acts on either side are left out and named in `left_out`.
    """

    change: str
    weeks: int
    reviews_before: int
    reviews_after: int
    before: dict[str, Decimal]
    after: dict[str, Decimal]
    balance: Balance | None
    left_out: tuple[str, ...]


def saved_and_moved(database: Database, *, change: str, weeks: int, by: Person, now: dt.datetime) -> SavedAndMoved:
    """`change` is the day of the change (ISO date); its week counts for neither side. Raises UsageError."""
    require(by, "labour.see")
    try:
        day = dt.date.fromisoformat(change)
    except ValueError:
        raise UsageError("The day of the change is written as 2026-11-26.") from None
    if not 1 <= weeks <= LONGEST_WEEKS:
        raise UsageError(f"Weeks on each side: a number from 1 to {LONGEST_WEEKS}.")
    if not dt.date(2000, 1, 1) <= day <= now.date():
        raise UsageError("The day of the change is in the past.")
    monday = day - dt.timedelta(days=day.weekday())
    first, last = monday - dt.timedelta(weeks=weeks), monday + dt.timedelta(weeks=weeks + 1)
    before, _ = labour_cube(database, since=first.isoformat(), before=monday.isoformat())
    after, _ = labour_cube(database, since=(monday + dt.timedelta(weeks=1)).isoformat(), before=last.isoformat())
    few = _few(before) | _few(after)
    sides = [_by_role(cube, few) for cube in (before, after)]
    reviews = [sum(cell.n for _, cell in cube.select("review", state="signed")) for cube in (before, after)]
    each = [
        {role: minutes / n for role, minutes in side.items()} if n >= MINIMUM_CELL else {}
        for side, n in zip(sides, reviews, strict=True)
    ]
    return SavedAndMoved(
        change=day.isoformat(), weeks=weeks, reviews_before=reviews[0], reviews_after=reviews[1], before=each[0],
        after=each[1], balance=balance(each[0], each[1]) if min(reviews) >= MINIMUM_CELL else None,
        left_out=tuple(sorted(few)),
    )  # fmt: skip


def _acts(cube: Cube) -> dict[str, int]:
    found: dict[str, int] = {}
    for fact, cell in cube.select("step"):
        assert isinstance(fact, StepFact)
        found[fact.role] = found.get(fact.role, 0) + cell.seconds.total()
    return found


def _few(cube: Cube) -> set[str]:
    return {role for role, n in _acts(cube).items() if 0 < n < MINIMUM_CELL}


def _by_role(cube: Cube, few: set[str]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for fact, cell in cube.select("step"):
        assert isinstance(fact, StepFact)
        if fact.role not in few and cell.seconds:
            found[fact.role] = found.get(fact.role, Decimal(0)) + Decimal(total(cell.seconds)) / 60
    return found
