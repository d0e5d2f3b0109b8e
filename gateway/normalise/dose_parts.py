"""The facts of an instruction by step: a new amount, or "then", begins one."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from gateway.normalise.dose_facts import (
    Clock,
    Days,
    Fact,
    Filler,
    Join,
    Pause,
    Quantity,
    Reduce,
    Route,
    Scheme,
    Times,
    When,
)

_AMOUNTS = (Quantity, Scheme)
_TIMED = (When, Days, Clock)
#: A sentence that only counts so many tablets is what was supplied: "28 tablets. One to be taken daily".
_SUPPLY = Decimal(7)


class Part(msgspec.Struct):
    """The facts of one step; `later`: it follows the one before in time; `also`: it was joined by "and"."""

    facts: list[Fact]
    later: bool = False
    also: bool = False

    def has(self, *kinds: type) -> bool:
        return any(isinstance(f, kinds) for f in self.facts)


def parts_of(facts: Sequence[Fact]) -> tuple[list[Part], list[Fact]]:
    """The facts by step, and those that hold for all ("every 2 days: ...").

    A new amount, or "then", begins a step; where times come first ("on Monday two, on Tuesday one") a new time does.
    """
    kept = [f for f in facts if not isinstance(f, (Filler, Route))]
    told = [f for f in kept if not isinstance(f, Join)]
    timed_first = _timed_first(told)
    common: list[Fact] = []
    parts = [Part([])]
    later = also = False
    for fact in kept:
        if isinstance(fact, Join):
            later, also = later or fact.then, also or fact.also
            if fact.colon and len(parts) == 1 and not parts[0].has(*_AMOUNTS, *_TIMED):
                common += parts[0].facts
                parts[0].facts.clear()
            continue
        now = parts[-1]
        begins = _begins(fact, now, timed_first=timed_first)
        if now.facts and (later or begins):
            parts.append(Part([], later=later, also=also))
            now = parts[-1]
        later = also = False
        now.facts.append(fact)
    return _without_supply(parts), common


def _without_supply(parts: list[Part]) -> list[Part]:
    first = parts[0].facts
    if len(parts) < 2 or parts[1].later or parts[1].also or len(first) != 1 or not isinstance(first[0], Quantity):
        return parts
    one = first[0]
    next_amounts = [f for f in parts[1].facts if isinstance(f, Quantity)]
    counted = one.unit in {"tablet", "capsule"} and one.low == one.high >= _SUPPLY and one.equal_to is None
    smaller = next_amounts and next_amounts[0].unit in {one.unit, None} and next_amounts[0].high * 3 <= one.low
    return parts[1:] if counted and smaller and parts[1].has(Times, When) else parts


def _begins(fact: Fact, now: Part, *, timed_first: bool) -> bool:
    if isinstance(fact, Pause):
        return True
    if timed_first and now.has(*_AMOUNTS):
        return isinstance(fact, (*_TIMED, *_AMOUNTS))
    return isinstance(fact, Reduce) or (isinstance(fact, _AMOUNTS) and now.has(*_AMOUNTS))


def _timed_first(told: Sequence[Fact]) -> bool:
    """Whether times stand before the amounts, more than once."""
    timed = [n for n, f in enumerate(told) if isinstance(f, _TIMED)]
    amounts = [n for n, f in enumerate(told) if isinstance(f, _AMOUNTS)]
    return len(amounts) > 1 and bool(timed) and timed[0] < amounts[0] and timed[-1] < amounts[-1]
