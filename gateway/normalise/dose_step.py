"""The facts of one step become a step, or the reason why they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from gateway.normalise.dose_amounts import same_twice
from gateway.normalise.dose_facts import (
    Also,
    AsNeeded,
    Clock,
    Count,
    Days,
    Fact,
    For,
    Most,
    Once,
    Over,
    Quantity,
    SameTime,
    Times,
    Until,
    When,
)
from gateway.normalise.dose_schedule import schedule_of
from gateway.normalise.dose_words import Lexicon
from gateway.records.dose import Amount, DoseStep, Maximum

_SHORT = frozenset({"s", "min", "h"})


def step_from(part: Sequence[Fact], common: Sequence[Fact], words: Lexicon) -> DoseStep | str:
    every_fact = [*common, *part]
    told = _told(every_fact)
    amounts, times, needed = told.amounts, told.times, told.needed
    codes = tuple(dict.fromkeys(c for f in told.when for c in f.codes))
    days, clocks, limits = (
        tuple(dict.fromkeys(told.days)),
        tuple(dict.fromkeys(told.clock)),
        list(dict.fromkeys(told.most)),
    )
    lasting = _lasting(every_fact)
    if isinstance(lasting, str):
        return lasting
    same = [f.unit for f in every_fact if isinstance(f, SameTime)]
    if same and not (times or codes or days or clocks or needed):
        times = [Times(1, None, Decimal(1), None, same[0])]
    if lasting.first_day and not times and not codes and not clocks:
        times = [Times(1, None, Decimal(1), None, "d")]
    head = bool([f for f in common if isinstance(f, Times)])
    meals = any(f.meals for f in told.when)
    schedule = schedule_of(times, codes, days, clocks, words, head=head, meals=meals, needed=bool(needed))
    if isinstance(schedule, str):
        return schedule
    once = [f for f in every_fact if isinstance(f, Once)]
    if once and times:
        if not all(f.undivided for f in once):
            return "it says once only, and how often"
        once = []
    if once:
        schedule = None
    amount = amounts[0] if amounts else None
    for also in (f.amount for f in every_fact if isinstance(f, Also)):
        amount = same_twice(amount, also) if amount else None
        if amount is None:
            return "it names two amounts"
    maxima = _maxima(limits, amount, times, schedule)
    if schedule is None and not needed and not once and len(maxima) == 1 and _counts_doses(maxima[0]):
        one = maxima.pop()
        schedule = Times(None, int(one.value), one.period, None, one.period_unit)
    wear = lasting.span if lasting.span and schedule and _is_wear(lasting.span.duration, schedule) else None
    span = None if wear else lasting.span
    return DoseStep(
        low=amount.low if amount else None,
        high=amount.high if amount else None,
        unit=amount.unit if amount else None,
        equal_to=amount.equal_to if amount else None,
        frequency=schedule.times if schedule else None,
        frequency_max=schedule.times_max if schedule else None,
        period=schedule.period if schedule else None,
        period_max=schedule.period_max if schedule else None,
        period_unit=schedule.unit if schedule else None,
        when=codes,
        days=days,
        times=clocks,
        duration=span.duration if span else None,
        duration_max=span.most if span else None,
        duration_up_to=span.up_to if span else False,
        until=lasting.until,
        count=lasting.count,
        over=wear.duration if wear else lasting.over.duration if lasting.over else None,
        over_max=wear.most if wear else lasting.over.most if lasting.over else None,
        maximum=maxima[0] if maxima else None,
        also_at_most=tuple(maxima[1:]),
        as_needed=bool(needed),
        as_needed_for=next((f.reason for f in needed if f.reason), None),
        once=bool(once),
    )


class _Told(msgspec.Struct):
    """The facts by kind, in order."""

    amounts: list[Quantity] = []
    times: list[Times] = []
    when: list[When] = []
    needed: list[AsNeeded] = []
    most: list[Most] = []
    days: list[str] = []
    clock: list[str] = []


def _told(facts: Sequence[Fact]) -> _Told:
    told = _Told()
    for fact in facts:
        match fact:
            case Quantity():
                told.amounts.append(fact)
            case Times():
                told.times.append(fact)
            case When():
                told.when.append(fact)
            case AsNeeded():
                told.needed.append(fact)
            case Most():
                told.most.append(fact)
            case Days():
                told.days += fact.days
            case Clock():
                told.clock += fact.times
            case _:
                pass
    return told


class _Lasting(msgspec.Struct):
    span: For | None = None
    until: str | None = None
    over: Over | None = None
    first_day: bool = False
    count: int | None = None


def _lasting(facts: Sequence[Fact]) -> _Lasting | str:
    spans = list(dict.fromkeys(f for f in facts if isinstance(f, For)))
    until = [f.words for f in facts if isinstance(f, Until)]
    over = [f for f in facts if isinstance(f, Over)]
    counts = [f.doses for f in facts if isinstance(f, Count)]
    if len(spans) > 1 or len(until) > 1 or len(over) > 1 or len(counts) > 1:
        return "it says two durations"
    span = spans[0] if spans else None
    first = bool(span and span.first_day)
    return _Lasting(span, until[0] if until else None, over[0] if over else None, first, counts[0] if counts else None)


def _is_wear(duration: Amount, schedule: Times) -> bool:
    """ "Once daily for 12 hours" is how long it stays on; "every 2 hours for 24 hours" is how long it goes on."""
    return duration.unit in _SHORT and schedule.unit not in _SHORT


def _maxima(
    limits: Sequence[Most], amount: Quantity | None, times: Sequence[Times], schedule: Times | None
) -> list[Maximum]:
    found = [
        Maximum(one.value, one.unit or (amount.unit if amount else None) or "item", one.period, one.period_unit)
        for one in limits
    ]
    limit = next((t for t in times if t.times is None and t.times_max is not None), None)
    if limit is not None and schedule is not limit:
        found.append(Maximum(Decimal(limit.times_max or 0), "dose", limit.period, limit.unit))
    return list(dict.fromkeys(found))


def _counts_doses(one: Maximum) -> bool:
    return (
        one.unit == "dose"
        and one.value == one.value.to_integral_value()
        and not (one.value == 1 and one.period_unit == "h")
    )
