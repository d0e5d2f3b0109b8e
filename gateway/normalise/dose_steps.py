"""Facts become the steps of a dose, or the reason why they cannot."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec

from gateway.normalise.dose_facts import (
    After,
    Clock,
    DaySpan,
    Fact,
    For,
    Once,
    Pause,
    Quantity,
    Reduce,
    Scheme,
    Stop,
    Times,
    Until,
    When,
)
from gateway.normalise.dose_parts import Part, parts_of
from gateway.normalise.dose_settle import merged, settle
from gateway.normalise.dose_step import step_from
from gateway.normalise.dose_taper import tapered
from gateway.normalise.dose_words import Lexicon
from gateway.records.dose import Amount, DoseStep

_PARTS = ("MORN", "NOON", "EVE", "NIGHT")


def steps_of(facts: Sequence[Fact], words: Lexicon) -> tuple[list[DoseStep], str | None, bool]:
    """Steps, why there are none, and whether the sequence repeats."""
    parts, common = parts_of(facts)
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
    settled, why_not = settle(steps, parts)
    return settled, why_not, repeats


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
    step = step_from(facts, common, words)
    if isinstance(step, str):
        return step
    if step.low is None and before and part.later and step.period is not None and before[-1].low is not None:
        last = before[-1]
        step = msgspec.structs.replace(
            step, low=last.low, high=last.high, unit=last.unit, equal_to=step.equal_to or last.equal_to
        )
    return [step]


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
            step = step_from([*rest, Quantity(amount, amount, scheme.unit), When((code,))], [], words)
            if isinstance(step, str):
                return step
            steps.append(step)
    return merged(steps) or "no amount at any time of the day"
