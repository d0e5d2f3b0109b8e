"""A dose written back in words is read as the same dose; no rendering is ever read as another one."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.normalise.dose_render import render, render_steps
from gateway.normalise.dose_text import read_dose_text
from gateway.normalise.dose_words import load_dose_words
from gateway.records.dose import Amount, AmountRange, Dose, DoseStep, Maximum
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary
from tests.unit.normalise.test_dose_cases import CASES

D = Decimal
WORDS = load_dose_words()
COUNTED = (
    "tablet",
    "capsule",
    "puff",
    "patch",
    "sachet",
    "spray",
    "drop",
    "suppository",
    "pessary",
    "lozenge",
    "nebule",
)
MEASURED = ("mg", "g", "microgram", "ml", "unit", "mmol")
REASONS = ("pain", "wheeze", "nausea and vomiting", "shortness of breath", "itching", "restless legs")
PARTS = ("MORN", "NOON", "EVE", "NIGHT", "HS", "ACM", "CM", "CV", "PCV")
SLOT = {**{p: p for p in PARTS}, **WORDS.slots}

#: Units of strengths, that no dose is given in.
NO_DOSE_UNITS = {"kg", "%", "hour", "mol", "micromol", "kbq", "mbq", "gbq", "microlitre"}

numbers = st.one_of(
    st.integers(1, 30).map(D), st.sampled_from([D("0.5"), D("1.5"), D("2.5"), D("0.25"), D("62.5"), D(1200), D(25000)])
)


def amounts(units: tuple[str | None, ...]) -> st.SearchStrategy[dict[str, object]]:
    ranges = st.tuples(numbers, st.none() | numbers).map(lambda p: (p[0], p[1] if p[1] and p[1] > p[0] else p[0]))
    return st.tuples(ranges, st.sampled_from(units)).map(lambda p: {"low": p[0][0], "high": p[0][1], "unit": p[1]})


@st.composite
def one_amount(draw: st.DrawFn) -> dict[str, object]:
    """An amount; now and then with the same in a second unit, or none at all (a cream)."""
    found = dict(draw(amounts((None, *COUNTED, *MEASURED))))
    if draw(st.integers(0, 9)) == 0:
        return {}
    if found["unit"] in COUNTED and found["low"] == found["high"] and draw(st.integers(0, 5)) == 0:
        value = draw(numbers)
        found["equal_to"] = AmountRange(value, value, draw(st.sampled_from(("mg", "microgram", "unit"))))
    return found


@st.composite
def schedules(draw: st.DrawFn) -> dict[str, object]:
    """Every kind of schedule that a record holds, with the times of the day and days that fit it."""
    kind = draw(st.sampled_from(("daily", "range", "up to", "hours", "interval", "parts", "clock", "days", "meals")))
    if kind == "daily":
        food = draw(st.sampled_from([(), ("AC",), ("PC",), ("C",)]))
        return {"frequency": draw(st.integers(1, 8)), "period": D(1), "period_unit": "d", "when": food}
    if kind == "range":
        low = draw(st.integers(1, 5))
        unit = draw(st.sampled_from(("d", "wk")))
        return {"frequency": low, "frequency_max": low + draw(st.integers(1, 3)), "period": D(1), "period_unit": unit}
    if kind == "up to":
        period = draw(st.sampled_from(((D(1), "d"), (D(24), "h"), (D(1), "wk"))))
        return {"frequency_max": draw(st.integers(1, 8)), "period": period[0], "period_unit": period[1]}
    if kind == "hours":
        low = draw(st.integers(2, 72))
        top = draw(st.none() | st.integers(low + 1, 96))
        return {"frequency": 1, "period": D(low), "period_max": D(top) if top else None, "period_unit": "h"}
    if kind == "interval":
        unit = draw(st.sampled_from(("d", "wk", "mo")))
        return {"frequency": draw(st.integers(1, 3)), "period": D(draw(st.integers(2, 12))), "period_unit": unit}
    if kind == "parts":
        when = draw(st.lists(st.sampled_from(PARTS), min_size=1, max_size=3, unique_by=lambda w: SLOT[w]))
        return {"frequency": len(when), "period": D(1), "period_unit": "d", "when": tuple(when)}
    if kind == "clock":
        hours = draw(st.lists(st.integers(0, 23), min_size=1, max_size=4, unique=True))
        times = tuple(f"{h:02}:{draw(st.sampled_from(('00', '30')))}" for h in sorted(hours))
        return {"frequency": len(times), "period": D(1), "period_unit": "d", "times": times}
    if kind == "days":
        days = tuple(sorted(draw(st.sets(st.sampled_from(tuple(WORDS.days)), min_size=1, max_size=6))))
        if draw(st.booleans()):
            return {"frequency": len(days), "period": D(1), "period_unit": "wk", "days": days}
        return {"frequency": draw(st.integers(1, 4)), "period": D(1), "period_unit": "d", "days": days}
    return {"frequency": 4, "period": D(1), "period_unit": "d", "when": (draw(st.sampled_from(("AC", "PC"))), "HS")}


durations = st.tuples(st.integers(1, 30).map(D), st.sampled_from(("d", "wk", "mo"))).map(lambda p: Amount(*p))


@st.composite
def limits(draw: st.DrawFn, low: object, high: object, unit: str | None) -> dict[str, object]:
    """As needed, with or without a reason; a maximum that is not less than one dose."""
    found: dict[str, object] = {}
    if draw(st.booleans()):
        found |= {"as_needed": True, "as_needed_for": draw(st.none() | st.sampled_from(REASONS))}
    most = []
    if high is not None and draw(st.booleans()):
        value = D(str(high)) * draw(st.integers(2, 8))
        most.append(Maximum(value, unit or "item", *draw(st.sampled_from(((D(24), "h"), (D(1), "d"), (D(1), "wk"))))))
    if draw(st.integers(0, 5)) == 0:
        most.append(Maximum(D(draw(st.integers(1, 6))), "dose", D(draw(st.integers(2, 12))), "h"))
    if most:
        found |= {"maximum": most[0], "also_at_most": tuple(most[1:])}
    return found


@st.composite
def single_steps(draw: st.DrawFn) -> DoseStep:
    amount = draw(one_amount())
    unit = amount.get("unit")
    rest = draw(limits(amount.get("low"), amount.get("high"), unit if isinstance(unit, str) else None))
    kind = draw(st.integers(0, 11))
    if kind == 0 and amount:
        return DoseStep(**amount, once=True)  # type: ignore[arg-type]
    if kind == 1 and rest.get("as_needed"):
        return DoseStep(**amount, **rest)  # type: ignore[arg-type]
    schedule = draw(schedules())
    ends: dict[str, object] = {}
    end = draw(st.integers(0, 7))
    if end == 0:
        ends = {"duration": draw(durations)}
    elif end == 1:
        low = draw(st.integers(1, 6))
        ends = {"duration": Amount(D(low), "wk"), "duration_max": D(low + 1)}
    elif end == 2:
        ends = {"duration": draw(durations), "duration_up_to": True}
    elif end == 3:
        ends = {"until": draw(st.sampled_from(WORDS.endings))}
    elif end == 4:
        ends = {"count": draw(st.integers(2, 9))}
    elif end == 5:
        ends = {"over": Amount(D(draw(st.integers(2, 90))), "min")}
    return DoseStep(**amount, **schedule, **ends, **rest)  # type: ignore[arg-type]


@st.composite
def courses(draw: st.DrawFn) -> tuple[DoseStep, ...]:
    """Tapers and courses: each step but the last has a length."""
    unit = draw(st.sampled_from((None, *COUNTED, *MEASURED)))
    steps = []
    for last in [False] * draw(st.integers(1, 5)) + [True]:
        amount = draw(amounts((unit,)))
        length = None if last and draw(st.booleans()) else Amount(D(draw(st.integers(1, 30))), "d")
        times = draw(st.integers(1, 4))
        steps.append(DoseStep(**amount, frequency=times, period=D(1), period_unit="d", duration=length))  # type: ignore[arg-type]
    return tuple(steps)


@st.composite
def parts_of_a_day(draw: st.DrawFn) -> tuple[DoseStep, ...]:
    """Different amounts at different times of the day, for as long as one another."""
    unit = draw(st.sampled_from((None, *COUNTED, "unit", "mg")))
    when = draw(st.lists(st.sampled_from(("MORN", "NOON", "EVE", "NIGHT")), min_size=2, max_size=4, unique=True))
    values = draw(st.lists(numbers, min_size=len(when), max_size=len(when), unique=True))
    length = draw(st.none() | durations)
    return tuple(
        DoseStep(low=v, high=v, unit=unit, frequency=1, period=D(1), period_unit="d", when=(w,), duration=length)
        for v, w in zip(values, when, strict=True)
    )


def read_back(steps: tuple[DoseStep, ...], vocabulary: Vocabulary, *, repeats: bool = False) -> None:
    text = render_steps(steps, repeats=repeats)
    dose = read_dose_text(text, vocabulary)
    assert dose.parsed, (text, dose.why_not)
    assert dose.sequence == steps, text
    assert dose.repeats == repeats


@settings(max_examples=500, deadline=None)
@given(single_steps())
def test_a_single_step_is_read_back(vocabulary: Vocabulary, step: DoseStep) -> None:
    read_back((step,), vocabulary)


@settings(max_examples=200, deadline=None)
@given(courses())
def test_a_course_is_read_back(vocabulary: Vocabulary, steps: tuple[DoseStep, ...]) -> None:
    read_back(steps, vocabulary)


@settings(max_examples=200, deadline=None)
@given(parts_of_a_day())
def test_the_parts_of_a_day_are_read_back(vocabulary: Vocabulary, steps: tuple[DoseStep, ...]) -> None:
    read_back(steps, vocabulary)


@settings(max_examples=300, deadline=None)
@given(st.lists(single_steps(), min_size=2, max_size=3).map(tuple))
def test_steps_that_do_not_belong_together_are_read_back_or_not_at_all(
    vocabulary: Vocabulary, steps: tuple[DoseStep, ...]
) -> None:
    assume(all(s.low is not None for s in steps) and len(set(steps)) == len(steps))
    # A maximum at the end holds for the doses given once before it too.
    assume(not (steps[-1].maximum and any(s.once and not s.maximum for s in steps)))
    text = render_steps(steps)
    dose = read_dose_text(text, vocabulary)
    if dose.parsed:
        assert render(dose) == text or dose.sequence in (with_one_unit(steps), as_one(steps)), [render(dose), text]


def as_one(steps: tuple[DoseStep, ...]) -> tuple[DoseStep, ...]:
    """The same amount before food and after food, as long as each other, is one step of both times."""
    if len({replace(s, when=(), frequency=None) for s in steps}) > 1 or not all(s.when and s.frequency for s in steps):
        return steps
    times = sum(s.frequency or 0 for s in steps)
    return (replace(steps[0], when=tuple(w for s in steps for w in s.when), frequency=times),)


def with_one_unit(steps: tuple[DoseStep, ...]) -> tuple[DoseStep, ...]:
    """A unit said once holds for the other amounts too, and for the limit of what only one of them counts."""
    units = {s.unit for s in steps if s.unit}
    unit = units.pop() if len(units) == 1 else None
    return tuple(replace(s, unit=s.unit or unit) for s in steps)


@pytest.mark.parametrize("unit", sorted(set(load_vocabulary().units) - NO_DOSE_UNITS))
def test_every_dose_unit_is_read_back(unit: str, vocabulary: Vocabulary) -> None:
    for amount in (D(1), D(2)):
        read_back(
            (DoseStep(low=amount, high=amount, unit=unit, frequency=2, period=D(1), period_unit="d"),), vocabulary
        )


@pytest.mark.parametrize("case", [c for c in CASES if not c.get("text")], ids=lambda case: case["say"])
def test_every_case_of_the_table_is_read_back(case: dict[str, str], vocabulary: Vocabulary) -> None:
    dose = read_dose_text(case["say"], vocabulary)
    read_back(dose.sequence, vocabulary, repeats=dose.repeats)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1 tab bd", "1 tablet twice a day"),
        (
            "two puffs qds prn for wheeze, no more than 8 puffs in 24 hrs",
            "2 puffs 4 times a day when needed for wheeze, at most 8 puffs in 24 hours",
        ),
        ("10mg (4 tablets) weekly on Fri", "10 mg (4 tablets) once a week on Friday"),
        ("40mg od 5/7 then 20mg od 5/7", "40 mg once a day for 5 days, then 20 mg once a day for 5 days"),
        ("2 mane 1 nocte", "2 once a day in the morning and 1 once a day at night"),
        (
            "One daily for 21 days; repeat after 7-day pill-free break",
            "1 once a day for 21 days, then repeat after a 7 day treatment free interval",
        ),
        ("1-0-1", "1 twice a day in the morning and in the evening"),
        ("25,000 units monthly", "25,000 units once a month"),
        ("as directed", "as directed"),
    ],
)
def test_a_dose_in_plain_words(text: str, words: str, vocabulary: Vocabulary) -> None:
    assert render(read_dose_text(text, vocabulary)) == words


def test_nothing_is_rendered_of_nothing() -> None:
    assert render(Dose()) == ""
