"""The steps of one instruction checked against each other, and what is said twice kept once."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise

import msgspec

from gateway.normalise.dose_parts import Part
from gateway.normalise.dose_words import meal_relations
from gateway.records.dose import DoseStep


def settle(steps: list[DoseStep], parts: Sequence[Part]) -> tuple[list[DoseStep], str | None]:
    """Check the steps against each other; a unit said once holds for the others."""
    ends = _shared_end(steps, parts)
    if ends:
        return [], ends
    units = {s.unit for s in steps if s.unit}
    if len(steps) > 1 and len(units) == 1:
        unit = units.pop()
        steps = [msgspec.structs.replace(s, unit=s.unit or (unit if s.low is not None else None)) for s in steps]
    cause = next((c for s in steps if (c := _incomplete(s, alone=len(steps) == 1))), None)
    if cause:
        return [], cause
    if any(_perhaps_a_taper(one, two) for one, two in pairwise(steps)):
        return [], "it may say how often the dose changes, or how often it is taken"
    if _two_strengths(steps):
        return [], "it names two strengths, and not whether they are taken together"
    if len(steps) > 1 and any(s.low is None for s in steps) and any(s.low is not None for s in steps):
        return [], "part of it names no amount"
    return _joined(_limited(steps), parts)


def _limited(steps: list[DoseStep]) -> list[DoseStep]:
    """ "Two at onset, then one every 4 hours, at most 6 in 24 hours": the first doses count too."""
    last = steps[-1]
    if last.maximum is None or not all(s.once or s is last for s in steps):
        return steps
    return [msgspec.structs.replace(s, maximum=s.maximum or last.maximum) for s in steps]


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
    lasting = [s for s in steps if not (s.duration or s.until or s.once)]
    if any(_open(s) for s in lasting) and any(_timed(s) for s in lasting):
        return [], "its parts say the dose twice"
    if len([s for s in steps if _open(s)]) > 1 and not any(p.also for p in parts):
        return [], "it names two doses and not which follows which"
    return (merged(steps) if plain else steps), None


def _open(step: DoseStep) -> bool:
    return not (_timed(step) or step.duration or step.once or step.until or step.count)


def _timed(step: DoseStep) -> bool:
    return bool(step.days or step.times or any(w not in meal_relations() for w in step.when))


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


def merged(steps: list[DoseStep]) -> list[DoseStep]:
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
