"""Dosage instructions: the table in tests/cases/doses.yaml, and what must never happen."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.normalise.dosage import read_dosages
from gateway.normalise.dose_text import read_dose_text
from gateway.normalise.product import read_name
from gateway.records.as_written import Quantity, WrittenDosage, WrittenTiming
from gateway.records.dose import DoseStep
from gateway.terminology.vocabulary import Vocabulary

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "doses.yaml").read_text(encoding="utf-8"))


def number(value: Decimal | None) -> str:
    return "-" if value is None else format(value, "f")


def spread(low: Decimal | None, high: Decimal | None) -> str:
    return number(low) if low == high or high is None else f"{number(low)}-{number(high)}"


def words(step: DoseStep) -> str:
    """A step in the notation of the table."""
    unit = [step.unit or "-"] if step.unit or not step.once else []
    parts = [spread(step.low, step.high), *unit]
    if step.equal_to:
        parts[-1] += f" = {spread(step.equal_to.low, step.equal_to.high)} {step.equal_to.unit}"
    if step.period is not None:
        times = f"<={step.frequency_max}" if step.frequency is None else str(step.frequency)
        if step.frequency is not None and step.frequency_max:
            times += f"-{step.frequency_max}"
        parts.append(f"{times}/{spread(step.period, step.period_max)}{step.period_unit}")
    if step.once:
        parts.append("once")
    if step.when or step.days or step.times:
        parts.append(" ".join((*step.when, *step.days, *step.times)))
    if step.over:
        parts.append(f"over {spread(step.over.value, step.over_max)}{step.over.unit}")
    if step.duration:
        up_to = "up to " if step.duration_up_to else ""
        parts.append(f"for {up_to}{spread(step.duration.value, step.duration_max)}{step.duration.unit}")
    if step.until:
        parts.append(f"until {step.until}")
    if step.as_needed:
        parts.append(f"as needed for {step.as_needed_for}" if step.as_needed_for else "as needed")
    maxima = filter(None, (step.maximum, *step.also_at_most))
    parts += [f"max {number(m.value)} {m.unit}/{number(m.period)}{m.period_unit}" for m in maxima]
    return " | ".join(parts)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["say"])
def test_an_instruction_is_read_as_the_table_says(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    dose = read_dose_text(case["say"], vocabulary)
    if case.get("text"):
        assert not dose.parsed, [words(s) for s in dose.sequence]
        assert dose.why_not
    else:
        assert dose.parsed, dose.why_not
        assert [words(s) for s in dose.sequence] == case["steps"]
        assert dose.repeats == case.get("repeats", False)


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=120))
def test_no_text_raises(vocabulary: Vocabulary, text: str) -> None:
    read_dose_text(text, vocabulary)


SINGLE = "one two 1 2 half tablet tablets mg 5ml daily weekly prn then and for 7 days up to max , ( )"
PHRASES = "twice a day|at night|in the morning|on monday|every 6 hours|as directed|with food"
WORD = st.sampled_from([*SINGLE.split(), *PHRASES.split("|")])


@settings(max_examples=1500, deadline=None)
@given(st.lists(WORD, max_size=12).map(" ".join))
def test_any_mixture_of_known_words_is_read_or_refused_with_a_cause(vocabulary: Vocabulary, text: str) -> None:
    dose = read_dose_text(text, vocabulary)
    assert dose.parsed == bool(dose.sequence)
    assert dose.parsed or dose.why_not


@pytest.mark.parametrize(
    ("name", "instruction", "daily"),
    [
        ("Apixaban 5mg tablets", "one twice a day", "10 mg"),
        ("Morphine 10mg/5ml oral solution", "5ml every 4 hours", "60 mg"),
        ("Digoxin 62.5microgram tablets", "two daily", "0.125 mg"),
        ("Warfarin 1mg tablets", "two daily", "2 mg"),
        ("Salbutamol 100micrograms/dose inhaler", "2 puffs four times a day", "0.8 mg"),
        ("Insulin glargine 100units/ml solution for injection", "20 units at night", "20 unit"),
        ("Co-codamol 30mg/500mg tablets", "two four times a day", "8 tablet"),
        ("Metformin 500mg tablets", "1g twice daily", "2000 mg"),
        ("Methotrexate 2.5mg tablets", "four once a week on Monday", None),
        ("Ibuprofen 400mg tablets", "one three times a day when required", None),
        ("Prednisolone 5mg tablets", "6 daily for 5 days then 5 daily for 5 days", None),
        ("Alendronic acid 70mg tablets", "one on alternate days", None),
        ("Ramipril capsules", "one daily", "1 capsule"),
        ("Morphine 10mg/5ml oral solution", "every 4-6 hours", None),
    ],
)
def test_a_daily_amount_stands_only_where_it_is_certain(
    name: str, instruction: str, daily: str | None, vocabulary: Vocabulary
) -> None:
    dose = read_dosages((WrittenDosage(text=instruction),), read_name(name, vocabulary), vocabulary)
    assert dose.parsed
    said = None if dose.daily is None else f"{format(dose.daily.low, 'f')} {dose.daily.unit}"
    assert said == daily


def structured(text: str | None, frequency: int, period: int, unit: str, amount: int = 1) -> WrittenDosage:
    timing = WrittenTiming(frequency=frequency, period=Decimal(period), period_unit=unit)
    return WrittenDosage(text=text, timing=timing, dose=Quantity(value=Decimal(amount), unit="tablet"))


def test_text_and_structure_that_agree_are_read_from_both(vocabulary: Vocabulary) -> None:
    product = read_name("Apixaban 5mg tablets", vocabulary)
    dose = read_dosages((structured("one every 12 hours", 2, 1, "d"),), product, vocabulary)
    assert (dose.parsed, dose.read_from) == (True, "both")


@pytest.mark.parametrize(
    ("text", "dosage"),
    [
        ("one four times a day", structured("one four times a day", 1, 4, "d")),
        ("two tablets twice a day", structured("two tablets twice a day", 2, 1, "d")),
        ("one a week on Monday", structured("one a week on Monday", 1, 1, "d")),
    ],
)
def test_text_and_structure_that_disagree_are_neither_used(
    text: str, dosage: WrittenDosage, vocabulary: Vocabulary
) -> None:
    dose = read_dosages((dosage,), read_name("Apixaban 5mg tablets", vocabulary), vocabulary)
    assert not dose.parsed
    assert dose.disagreement
    assert dose.text == text


def test_one_unreadable_dosage_of_two_leaves_the_whole_as_text(vocabulary: Vocabulary) -> None:
    dosages = (WrittenDosage(text="one in the morning"), WrittenDosage(text="and more as directed"))
    assert not read_dosages(dosages, read_name("Furosemide 40mg tablets", vocabulary), vocabulary).parsed
