"""Facts become the steps of a dose, or the reason why they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from gateway.normalise.dose_facts import (
    After,
    AsNeeded,
    Clock,
    Count,
    Days,
    DaySpan,
    Fact,
    Filler,
    For,
    Join,
    Most,
    Once,
    Over,
    Pause,
    Quantity,
    Reduce,
    Route,
    Scheme,
    Stop,
    Times,
    Until,
    When,
)
from gateway.normalise.dose_schedule import schedule_of
from gateway.normalise.dose_taper import tapered
from gateway.normalise.dose_words import Lexicon
from gateway.records.dose import Amount, DoseStep, Maximum

_AMOUNTS = (Quantity, Scheme)
_TIMED = (When, Days, Clock)
_PARTS = ("MORN", "NOON", "EVE", "NIGHT")
_SHORT = frozenset({"s", "min", "h"})


class Part(msgspec.Struct):
    """The facts of one step; `later`: it follows the one before in time; `also`: it was joined by "and"."""

    facts: list[Fact]
    later: bool = False
    also: bool = False

    def has(self, *kinds: type) -> bool:
        return any(isinstance(f, kinds) for f in self.facts)


def steps_of(facts: Sequence[Fact], words: Lexicon) -> tuple[list[DoseStep], str | None, bool]:
    """Steps, why there are none, and whether the sequence repeats."""
    parts, common = _parts(facts)
    parts = _without_supply(parts)
    steps: list[DoseStep] = []
    repeats = False
    for part in parts:
        pauses = [f for f in part.facts if isinstance(f, Pause)]
        if pauses:
            repeats = repeats or pauses[0].repeats
            if not steps or not steps[-1].duration or len(part.facts) > 1:
                return [], "it names a pause but not how long the medicine is taken before", False
            steps.append(DoseStep(low=Decimal(0), high=Decimal(0), unit=steps[-1].unit, duration=pauses[0].duration))
            continue
        if part.has(Stop):
            part.facts = [f for f in part.facts if not isinstance(f, Stop)]
            if not (part.has(For, Until, Once) or (not part.facts and steps and steps[-1].duration)):
                return [], "it says to stop, and not when", False
            if not part.facts:
                continue
        made = _made(part, common, steps, words)
        if isinstance(made, str):
            return [], made, False
        steps += made
    if (cause := _shared_end(steps, parts)) is not None:
        return [], cause, False
    settled, why_not = _settle(steps, parts)
    return settled, why_not, repeats


def _parts(facts: Sequence[Fact]) -> tuple[list[Part], list[Fact]]:
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
    return parts, common


#: A sentence that only counts so many tablets is what was supplied: "28 tablets. One to be taken daily".
_SUPPLY = Decimal(7)


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
        return isinstance(fact, _TIMED) or isinstance(fact, _AMOUNTS)
    return isinstance(fact, Reduce) or (isinstance(fact, _AMOUNTS) and now.has(*_AMOUNTS))


def _timed_first(told: Sequence[Fact]) -> bool:
    """Whether times stand before the amounts, more than once."""
    timed = [n for n, f in enumerate(told) if isinstance(f, _TIMED)]
    amounts = [n for n, f in enumerate(told) if isinstance(f, _AMOUNTS)]
    return len(amounts) > 1 and bool(timed) and timed[0] < amounts[0] and timed[-1] < amounts[-1]


def _made(part: Part, common: list[Fact], before: list[DoseStep], words: Lexicon) -> list[DoseStep] | str:
    tapers = [f for f in part.facts if isinstance(f, Reduce)]
    if tapers:
        others = [f for f in part.facts if not isinstance(f, Reduce)]
        return "a taper stands beside something else" if others or not before else tapered(before, tapers[0])
    schemes = [f for f in part.facts if isinstance(f, Scheme)]
    if schemes:
        return _scheme(schemes[0], [f for f in (*common, *part.facts) if not isinstance(f, Scheme)], words)
    afters = [f for f in part.facts if isinstance(f, After)]
    if afters:
        if len(before) != 1 or len(afters) > 1 or before[0].duration or not part.later:
            return 'it says "after" a time, and not after what'
        before[0] = msgspec.structs.replace(before[0], duration=afters[0].duration)
    spans = [f for f in part.facts if isinstance(f, DaySpan)]
    facts = [f for f in part.facts if not isinstance(f, (After, DaySpan))]
    if before and any(isinstance(f, For) and f.first_day for f in facts):
        return "its days do not follow one another"
    if spans:
        if len(spans) > 1 or not _follows(before, spans[0]):
            return "its days do not follow one another"
        facts.append(For(Amount(Decimal(spans[0].last - spans[0].first + 1), "d"), first_day=True))
    step = _step(facts, common, words)
    if isinstance(step, str):
        return step
    if step.low is None and before and part.later and step.period is not None and before[-1].low is not None:
        last = before[-1]
        step = msgspec.structs.replace(
            step, low=last.low, high=last.high, unit=last.unit, equal_to=step.equal_to or last.equal_to
        )
    return [step]


def _shared_end(steps: list[DoseStep], parts: Sequence[Part]) -> str | None:
    """ "80mg at 8am and 40mg at 2pm for 5 days, then 40mg": what stands together lasts together."""
    if len(steps) != len(parts):
        return None
    start = 0
    for n in range(1, len(parts) + 1):
        if n < len(parts) and not parts[n].later:
            continue
        group, last = range(start, n), steps[n - 1]
        start = n
        ends = [bool(steps[i].duration or steps[i].until or steps[i].once) for i in group]
        if all(ends) or not any(ends):
            continue
        if any(ends[:-1]):
            if any(steps[i].once for i in group):
                continue
            return "it does not say which part lasts how long"
        for i in group[:-1]:
            steps[i] = msgspec.structs.replace(
                steps[i],
                duration=last.duration,
                duration_max=last.duration_max,
                duration_up_to=last.duration_up_to,
                until=last.until,
            )
    return None


def _follows(before: Sequence[DoseStep], span: DaySpan) -> bool:
    if not before:
        return span.first == 1
    known = [s.duration.value for s in before if s.duration and s.duration.unit == "d"]
    return len(known) == len(before) and sum(known) + 1 == span.first


def _scheme(scheme: Scheme, facts: Sequence[Fact], words: Lexicon) -> list[DoseStep] | str:
    """Each amount of 1-0-2-0 is a step of its own; equal ones are joined later."""
    if any(isinstance(f, (Times, When, Clock)) for f in facts if f != Times(1, None, Decimal(1), None, "d")):
        return "it gives a scheme of the day and other times too"
    rest = [f for f in facts if not isinstance(f, Times)]
    steps = []
    for code, amount in zip(_PARTS, scheme.amounts, strict=False):
        if amount:
            step = _step([*rest, Quantity(amount, amount, scheme.unit), When((code,))], [], words)
            if isinstance(step, str):
                return step
            steps.append(step)
    return _merged(steps) or "no amount at any time of the day"


def _step(part: Sequence[Fact], common: Sequence[Fact], words: Lexicon) -> DoseStep | str:
    every_fact = [*common, *part]
    amounts: list[Quantity] = []
    times: list[Times] = []
    when: list[When] = []
    needed: list[AsNeeded] = []
    most: list[Most] = []
    on: list[str] = []
    at: list[str] = []
    for fact in every_fact:
        match fact:
            case Quantity():
                amounts.append(fact)
            case Times():
                times.append(fact)
            case When():
                when.append(fact)
            case AsNeeded():
                needed.append(fact)
            case Most():
                most.append(fact)
            case Days():
                on += fact.days
            case Clock():
                at += fact.times
            case _:
                pass
    codes = tuple(dict.fromkeys(c for f in when for c in f.codes))
    days, clocks, limits = tuple(dict.fromkeys(on)), tuple(dict.fromkeys(at)), list(dict.fromkeys(most))
    lasting = _lasting(every_fact)
    if isinstance(lasting, str):
        return lasting
    if lasting.first_day and not times and not codes and not clocks:
        times = [Times(1, None, Decimal(1), None, "d")]
    head = bool([f for f in common if isinstance(f, Times)])
    meals = any(f.meals for f in when)
    schedule = schedule_of(times, codes, days, clocks, words, head=head, meals=meals, needed=bool(needed))
    if isinstance(schedule, str):
        return schedule
    once = any(isinstance(f, Once) for f in every_fact)
    amount = amounts[0] if amounts else None
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
        over=wear.duration if wear else lasting.over,
        maximum=maxima[0] if maxima else None,
        also_at_most=tuple(maxima[1:]),
        as_needed=bool(needed),
        as_needed_for=next((f.reason for f in needed if f.reason), None),
        once=once,
    )


class _Lasting(msgspec.Struct):
    span: For | None = None
    until: str | None = None
    over: Amount | None = None
    first_day: bool = False
    count: int | None = None


def _lasting(facts: Sequence[Fact]) -> _Lasting | str:
    spans = list(dict.fromkeys(f for f in facts if isinstance(f, For)))
    until = [f.words for f in facts if isinstance(f, Until)]
    over = [f.duration for f in facts if isinstance(f, Over)]
    counts = [f.doses for f in facts if isinstance(f, Count)]
    if len(spans) > 1 or len(until) > 1 or len(over) > 1 or len(counts) > 1:
        return "it says two durations"
    span = spans[0] if spans else None
    first = bool(span and span.first_day)
    return _Lasting(
        span, until[0] if until else None, over[0] if over else None, first, counts[0] if counts else None
    )


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
    return one.unit == "dose" and one.value == one.value.to_integral_value() and (one.value, one.period_unit) != (1, "h")


def _settle(steps: list[DoseStep], parts: Sequence[Part]) -> tuple[list[DoseStep], str | None]:
    """Check the steps against each other; a unit said once holds for the others."""
    units = {s.unit for s in steps if s.unit}
    if len(steps) > 1 and len(units) == 1:
        unit = units.pop()
        steps = [msgspec.structs.replace(s, unit=s.unit or (unit if s.low is not None else None)) for s in steps]
    cause = next((c for s in steps if (c := _incomplete(s, alone=len(steps) == 1))), None)
    if cause:
        return [], cause
    if any(_perhaps_a_taper(one, two) for one, two in zip(steps, steps[1:], strict=False)):
        return [], "it may say how often the dose changes, or how often it is taken"
    if _two_strengths(steps):
        return [], "it names two strengths, and not whether they are taken together"
    if len(steps) > 1 and any(s.low is None for s in steps) and any(s.low is not None for s in steps):
        return [], "part of it names no amount"
    return _joined(steps, parts)


def _perhaps_a_taper(one: DoseStep, two: DoseStep) -> bool:
    """ "2 daily for 14 days then decrease to 0.5 every 14 days" means most likely by 0.5."""
    length = one.duration
    return length is not None and two.period == length.value and two.period_unit == length.unit and two.period > 1


def _two_strengths(steps: Sequence[DoseStep]) -> bool:
    held = {(s.equal_to.low / s.low, s.equal_to.unit) for s in steps if s.equal_to and s.low}
    return len(held) > 1


def _incomplete(step: DoseStep, *, alone: bool) -> str | None:
    pause = step.low == 0 and step.duration is not None
    scheduled = step.period is not None or step.as_needed or step.once or pause
    if step.low is None and not scheduled:
        return "part of it names neither amount nor times"
    if step.low is not None and not scheduled:
        return "it names an amount but no times"
    if step.low == 0 and (alone or not pause):
        return "the amount is nothing"
    if step.maximum and step.high is not None and step.maximum.unit == (step.unit or "item"):
        return "its maximum is less than one dose" if step.maximum.value < step.high else None
    return None


def _joined(steps: list[DoseStep], parts: Sequence[Part]) -> tuple[list[DoseStep], str | None]:
    """What is said twice is kept once, if it is the same: "one twice a day (one in the morning and one at night)"."""
    if len(steps) < 2:
        return steps, None
    plain = not any(p.later for p in parts)
    if plain and not any(p.also for p in parts) and len({msgspec.structs.replace(s, unit=None) for s in steps}) == 1:
        return ([steps[0]], None) if _open(steps[0]) else ([], "its parts say the dose twice")
    if plain and _open(steps[0]) and all(_timed(s) for s in steps[1:]):
        if parts[1].also or not _adds_up(steps[0], steps[1:]):
            return [], "its parts say the dose twice"
        steps = [_with_limits_of(s, steps[0]) for s in steps[1:]]
    if any(_open(s) for s in steps) and any(_timed(s) for s in steps):
        return [], "its parts say the dose twice"
    if len([s for s in steps if _open(s)]) > 1 and not any(p.also for p in parts):
        return [], "it names two doses and not which follows which"
    return (_merged(steps) if plain else steps), None


def _open(step: DoseStep) -> bool:
    return not (step.when or step.days or step.times or step.duration or step.once or step.until or step.count)


def _timed(step: DoseStep) -> bool:
    return bool(step.when or step.days or step.times)


def _adds_up(whole: DoseStep, parts: Sequence[DoseStep]) -> bool:
    """Whether the parts of a day are together what was said for the day."""
    day = (Decimal(1), "d")
    if any((s.period, s.period_unit) != day or s.frequency is None for s in (whole, *parts)):
        return False
    if any(s.frequency_max or s.low is None or s.low != s.high for s in (whole, *parts)):
        return False
    if whole.frequency == 1:
        return whole.low == sum((s.low or Decimal(0)) * (s.frequency or 0) for s in parts)
    return sum(s.frequency or 0 for s in parts) == whole.frequency and {s.low for s in parts} == {whole.low}


def _with_limits_of(part: DoseStep, whole: DoseStep) -> DoseStep:
    return msgspec.structs.replace(
        part,
        as_needed=part.as_needed or whole.as_needed,
        as_needed_for=part.as_needed_for or whole.as_needed_for,
        maximum=part.maximum or whole.maximum,
        unit=part.unit or whole.unit,
    )


def _merged(steps: list[DoseStep]) -> list[DoseStep]:
    """Neighbours that differ only in the time of the day are one step taken so many times."""
    found: list[DoseStep] = []
    for step in steps:
        last = found[-1] if found else None
        if last is not None and _alike(last, step):
            together = (last.frequency or 0) + (step.frequency or 0)
            when, times = (*last.when, *step.when), (*last.times, *step.times)
            if last.days != step.days:
                when, times = last.when, last.times
            days = tuple(dict.fromkeys((*last.days, *step.days)))
            found[-1] = msgspec.structs.replace(last, frequency=together, when=when, times=times, days=days)
        else:
            found.append(step)
    return found


def _alike(one: DoseStep, two: DoseStep) -> bool:
    if one.frequency is None or one.frequency_max:
        return False
    if one.days and two.days and not set(one.days) & set(two.days):
        bare = [msgspec.structs.replace(s, days=(), frequency=1) for s in (one, two)]
        return one.period_unit == "wk" and bare[0] == bare[1]
    if set(one.when) & set(two.when) or set(one.times) & set(two.times):
        return False
    timed = (one.when and two.when and not (one.times or two.times)) or (
        one.times and two.times and not (one.when or two.when)
    )
    bare = [msgspec.structs.replace(s, when=(), times=(), frequency=1) for s in (one, two)]
    return bool(timed) and bare[0] == bare[1]
