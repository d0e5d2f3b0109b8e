"""Structured dosages of STU3, R4 and R5, alone and against their own words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.fhir.dosage import dosages
from gateway.normalise.dosage import read_dosages
from gateway.normalise.product import read_name
from gateway.records.as_written import Quantity, WrittenDosage, WrittenTiming
from gateway.records.dose import Dose
from gateway.terminology.vocabulary import Vocabulary
from tests.unit.normalise.test_dose_cases import words

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "dosages.yaml").read_text(encoding="utf-8"))


def read(vocabulary: Vocabulary, *given: dict[str, Any], name: str = "Ramipril 5mg tablets") -> Dose:
    written = dosages({"resourceType": "MedicationRequest", "dosageInstruction": list(given)})
    return read_dosages(written, read_name(name, vocabulary), vocabulary)


@pytest.mark.parametrize("case", CASES["alone"], ids=str)
def test_a_structure_alone_is_read(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    dose = read(vocabulary, case["dosage"])
    assert dose.parsed, dose.why_not
    assert dose.read_from == "structure"
    assert [words(s) for s in dose.sequence] == case["steps"]


@pytest.mark.parametrize("case", CASES["not_used"], ids=str)
def test_a_structure_that_is_not_the_whole_dose_is_not_used(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    dose = read(vocabulary, case["dosage"])
    assert not dose.parsed
    assert dose.why_not


@pytest.mark.parametrize("case", CASES["differ"], ids=str)
def test_words_and_structure_that_differ_are_neither_used(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    dose = read(vocabulary, case["dosage"])
    assert not dose.parsed
    assert dose.disagreement is not None
    assert case["differs"] in dose.disagreement
    assert (dose.sequence, dose.daily) == ((), None)


@pytest.mark.parametrize("case", CASES["agree"], ids=str)
def test_what_only_one_of_them_says_is_added_and_no_conflict(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    dose = read(vocabulary, case["dosage"])
    assert dose.disagreement is None
    assert [words(s) for s in dose.sequence] == case["steps"]


def test_dosages_of_one_entry_follow_their_sequence(vocabulary: Vocabulary) -> None:
    often = {"frequency": 2, "period": 1, "periodUnit": "d"}
    lasting = {**often, "boundsDuration": {"value": 5, "code": "d"}}
    first = {"sequence": 1, "doseQuantity": {"value": 2, "unit": "tablet"}, "timing": {"repeat": lasting}}
    second = {"sequence": 2, "doseQuantity": {"value": 1, "unit": "tablet"}, "timing": {"repeat": often}}
    dose = read(vocabulary, second, first)
    assert [words(s) for s in dose.sequence] == ["2 | tablet | 2/1d | for 5d", "1 | tablet | 2/1d"]


@pytest.mark.parametrize(
    ("text", "daily"),
    [
        ("one twice a day", "10 mg"),
        ("one twice a day until reviewed", None),
        ("one twice a day for 3 doses", None),
        ("one after meals and at bedtime", None),
        ("one weekly", None),
        ("one on alternate days", None),
        ("one when required, max 4 in 24 hours", None),
        ("two daily reducing by one every week until stopped", None),
        ("one daily for 21 days, repeat after a 7 day tablet free interval", None),
        ("one or two daily", "5-10 mg"),
        ("one up to three times a day", None),
    ],
)
def test_a_daily_amount_only_where_it_is_certain(text: str, daily: str | None, vocabulary: Vocabulary) -> None:
    dose = read(vocabulary, {"text": text})
    assert dose.parsed, dose.why_not
    found = dose.daily
    if found is None:
        assert daily is None
    else:
        low, high = format(found.low, "f"), format(found.high, "f")
        assert f"{low if low == high else f'{low}-{high}'} {found.unit}" == daily


def test_a_period_stays_as_written_whatever_was_read_before(vocabulary: Vocabulary) -> None:
    """1 and 1.0 are equal, and so would be one key of what is remembered."""
    product = read_name("Amlodipine 5mg tablets", vocabulary)
    for written in ("1", "1.0", "1"):
        timing = WrittenTiming(frequency=1, period=Decimal(written), period_unit="d")
        dosage = WrittenDosage(dose=Quantity(value=Decimal(1), unit="tablet"), timing=timing)
        assert str(read_dosages((dosage,), product, vocabulary).sequence[0].period) == written


def test_words_are_read_for_their_product(vocabulary: Vocabulary) -> None:
    """One sentence, two products: the daily amount is each one's own."""
    dosage = WrittenDosage(text="One tablet twice a day")
    amounts = [
        read_dosages((dosage,), read_name(f"Amlodipine {mg}mg tablets", vocabulary), vocabulary).daily
        for mg in (5, 10, 5)
    ]
    assert [a.low for a in amounts if a] == [Decimal(10), Decimal(20), Decimal(10)]
