"""Read a dosage instruction. What is not certain stays text, with the words that made it so."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

import msgspec

from gateway.normalise.dose_grammar import (
    AsNeeded,
    Clock,
    Days,
    Fact,
    Filler,
    For,
    Grammar,
    Join,
    Most,
    Once,
    Quantity,
    Route,
    Times,
    When,
)
from gateway.normalise.dose_words import Lexicon, lexicon
from gateway.records.dose import Dose, DoseStep, Maximum
from gateway.terminology.vocabulary import Vocabulary

#: An instruction longer than this is left as text; the longest real one at hand has 400 characters.
READ_AT_MOST = 600

_FOUR = re.compile(r"\s*(\d{1,2}|½|1/2)\s*-\s*(\d{1,2}|½|1/2)\s*-\s*(\d{1,2}|½|1/2)(?:\s*-\s*(\d{1,2}|½|1/2))?\s*")


def read_dose_text(text: str, vocabulary: Vocabulary) -> Dose:
    """`parsed` with its steps, or text with `why_not`. Never raises."""
    return _reader(vocabulary).read(text)


class _Reader:
    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._grammar = Grammar(words)
        self.read = lru_cache(maxsize=50_000)(self._read)

    def _read(self, text: str) -> Dose:
        if not text.strip():
            return Dose(text=text, why_not="there is no instruction")
        if len(text) > READ_AT_MOST:
            return Dose(text=text, why_not="the instruction is too long to be read safely")
        four = _FOUR.fullmatch(text)
        if four:
            return _mornings(text, four)
        plain = _plain(text)
        facts, stopped = self._grammar.read(plain)
        if stopped is not None:
            return Dose(text=text, why_not=f'not understood: "{stopped}"')
        steps, why_not = _steps(facts, self._words)
        if why_not or not steps:
            return Dose(text=text, why_not=why_not or "it names no amount and no times")
        routes = {f.name for f in facts if isinstance(f, Route)}
        route = routes.pop() if len(routes) == 1 else None
        return Dose(text=text, parsed=True, sequence=tuple(steps), route=route, read_from="text")


_READERS: dict[str, _Reader] = {}


def _reader(vocabulary: Vocabulary) -> _Reader:
    found = _READERS.get(vocabulary.version)
    if found is None:
        found = _READERS[vocabulary.version] = _Reader(lexicon(vocabulary))
    return found


def _plain(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text.replace("½", " ½").replace("¼", " ¼"))
    folded = folded.replace("1⁄2", "½").replace("’", "'").replace("\u2013", "-").replace("\u00b5", "u")
    return " ".join(folded.lower().split())


def _mornings(text: str, match: re.Match[str]) -> Dose:
    """The German form morning-noon-evening(-night)."""
    codes = ("MORN", "NOON", "EVE", "NIGHT")
    steps = []
    for code, part in zip(codes, match.groups(), strict=True):
        amount = Decimal("0.5") if part in {"½", "1/2"} else Decimal(part or 0)
        if amount:
            steps.append(
                DoseStep(low=amount, high=amount, frequency=1, period=Decimal(1), period_unit="d", when=(code,))
            )
    if not steps:
        return Dose(text=text, why_not="no amount at any time of the day")
    amounts = {s.low for s in steps}
    if len(amounts) == 1:
        one = msgspec.structs.replace(steps[0], frequency=len(steps), when=tuple(s.when[0] for s in steps))
        return Dose(text=text, parsed=True, sequence=(one,), read_from="text")
    return Dose(text=text, parsed=True, sequence=tuple(steps), read_from="text")


def _steps(facts: Sequence[Fact], words: Lexicon) -> tuple[list[DoseStep], str | None]:
    """Facts to steps. A new amount, or "then", begins a step; facts said twice in one step contradict."""
    parts: list[list[Fact]] = [[]]
    later = False
    for fact in facts:
        if isinstance(fact, (Filler, Route)):
            continue
        if isinstance(fact, Join):
            later = later or fact.then
            continue
        has_amount = any(isinstance(f, Quantity) for f in parts[-1])
        if parts[-1] and (later or (isinstance(fact, Quantity) and has_amount)):
            parts.append([])
        later = False
        parts[-1].append(fact)
    steps = []
    for part in parts:
        step = _step(part, words)
        if isinstance(step, str):
            return [], step
        steps.append(step)
    return _settle(steps, parts)


def _step(part: Sequence[Fact], words: Lexicon) -> DoseStep | str:
    amounts = [f for f in part if isinstance(f, Quantity)]
    times = [f for f in part if isinstance(f, Times)]
    when = tuple(dict.fromkeys(c for f in part if isinstance(f, When) for c in f.codes))
    days = tuple(dict.fromkeys(d for f in part if isinstance(f, Days) for d in f.days))
    clocks = tuple(t for f in part if isinstance(f, Clock) for t in f.times)
    prn = [f for f in part if isinstance(f, AsNeeded)]
    most = [f for f in part if isinstance(f, Most)]
    lasts = [f for f in part if isinstance(f, For)]
    once = any(isinstance(f, Once) for f in part)
    if len(lasts) > 1 or len(most) > 1:
        return "it says two durations or two maxima"
    schedule = _schedule(times, when, days, clocks, words)
    if isinstance(schedule, str):
        return schedule
    amount = amounts[0] if amounts else None
    maximum = None
    if most:
        unit = most[0].unit or (amount.unit if amount else None) or "item"
        maximum = Maximum(most[0].value, unit, most[0].period, most[0].period_unit)
    limit = next((t for t in times if t.times is None and t.times_max is not None), None)
    if maximum is None and limit is not None and schedule is not limit:
        maximum = Maximum(Decimal(limit.times_max or 0), "dose", limit.period, limit.unit)
    return DoseStep(
        low=amount.low if amount else None,
        high=amount.high if amount else None,
        unit=amount.unit if amount else None,
        frequency=schedule.times if schedule else None,
        frequency_max=schedule.times_max if schedule else None,
        period=schedule.period if schedule else None,
        period_max=schedule.period_max if schedule else None,
        period_unit=schedule.unit if schedule else None,
        when=when,
        days=days,
        times=clocks,
        duration=lasts[0].duration if lasts else None,
        maximum=maximum,
        as_needed=bool(prn),
        as_needed_for=next((f.reason for f in prn if f.reason), None),
        once=once,
    )


def _schedule(
    times: Sequence[Times], when: tuple[str, ...], days: tuple[str, ...], clocks: tuple[str, ...], words: Lexicon
) -> Times | str | None:
    """One schedule, or why there is none. "Every 4-6 hours up to 4 times a day" is one with a limit."""
    exact = list(dict.fromkeys(t for t in times if t.times is not None))
    limits = list(dict.fromkeys(t for t in times if t.times is None))
    if len(exact) > 1:
        weekly = [t for t in exact if t.unit == "wk"]
        daily = [t for t in exact if (t.times, t.period, t.unit) == (1, Decimal(1), "d")]
        if len(exact) == 2 and weekly and daily and days:
            return "it says daily and weekly"
        return "it says two different frequencies"
    if len(limits) > 1:
        return "it says two different limits"
    parts = {words.words.slots.get(c, c) for c in when if c in words.words.parts_of_the_day}
    meals = [c for c in when if c not in words.words.parts_of_the_day]
    if exact:
        one = exact[0]
        counted = len(clocks) or len(parts)
        if counted and one.unit == "d" and one.period == 1 and (one.times or 0) != counted:
            return "its times of the day do not fit its frequency"
        if days and one.unit == "d" and one.period == 1:
            return Times(one.times, one.times_max, Decimal(1), None, "d")
        return one
    if limits:
        return limits[0]
    if meals:
        return "how many meals a day is not said"
    if days:
        return Times(len(days) * max(1, len(parts)), None, Decimal(1), None, "wk")
    if clocks or parts:
        return Times(len(clocks) or len(parts), None, Decimal(1), None, "d")
    return None


def _settle(steps: list[DoseStep], parts: Sequence[Sequence[Fact]]) -> tuple[list[DoseStep], str | None]:
    """Check the steps against each other; a unit said once holds for the others."""
    units = {s.unit for s in steps if s.unit}
    if len(steps) > 1 and len(units) == 1:
        unit = units.pop()
        steps = [msgspec.structs.replace(s, unit=s.unit or (unit if s.low is not None else None)) for s in steps]
    for step in steps:
        scheduled = step.period is not None or step.as_needed or step.once
        if step.low is None and not scheduled:
            return [], "part of it names neither amount nor times"
        if step.low is not None and not scheduled:
            return [], "it names an amount but no times"
        if step.low == 0 and len(steps) == 1:
            return [], "the amount is nothing"
    if len(steps) > 1 and any(s.low is None for s in steps):
        return [], "part of it names no amount"
    if len(steps) > 1 and _again(steps):
        return [], "its parts say the dose twice"
    return steps, None


def _again(steps: Sequence[DoseStep]) -> bool:
    """ "One twice a day, one in the morning and one at night" says one thing twice; the sum would be wrong."""
    open_ended = [s for s in steps if not s.when and not s.days and not s.times and not s.duration and not s.once]
    return len(open_ended) >= 1 and any(s.when or s.days or s.times for s in steps)
