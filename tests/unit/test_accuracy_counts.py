"""How `make accuracy` counts: precision, recall, thresholds, and the tenth that is never listed."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.accuracy import records
from conformance.accuracy.counts import Counts, total
from conformance.accuracy.name_variants import load_exceptions
from conformance.accuracy.pairs import Answer, count, line, thresholds
from conformance.accuracy.records import Pair, load_reviewed, one_substance
from conformance.accuracy.transfer import real_differences

SAME, OTHER = Pair("Istin 5mg tablets", "Amlodipine 5mg tablets", True, False), Pair("a", "b", False, False)
KEPT = Pair("Cardicor 2.5mg tablets", "Bisoprolol 2.5mg tablets", True, True)


def test_right_wrong_missed_and_abstained_are_counted_apart() -> None:
    answers = [
        Answer(True, False),
        Answer(False, True),
        Answer(False, False),
        Answer(True, False),
        Answer(False, False),
    ]
    found = count([SAME, SAME, SAME, OTHER, OTHER], answers)
    assert found == Counts(positives=3, negatives=2, right=1, wrong=1, abstained=1)
    assert (found.n, found.precision, found.recall) == (5, 0.5, 1 / 3)
    assert found.f1 == pytest.approx(0.4)


def test_nothing_answered_has_no_precision() -> None:
    assert (Counts(positives=2).precision, Counts(positives=2).recall, Counts(negatives=1).recall) == (None, 0.0, None)


def test_counts_add_up() -> None:
    assert total([Counts(positives=1, right=1), Counts(negatives=2, wrong=1)]) == Counts(
        positives=1, negatives=2, right=1, wrong=1
    )


def test_errors_of_the_tenth_kept_aside_are_counted_and_never_listed() -> None:
    found = line("brands", "gateway", [SAME, KEPT], [Answer(False, False), Answer(False, False)])
    assert found.kept == Counts(positives=1)
    assert [e.split("\t")[1] for e in found.errors] == ["Istin 5mg tablets"]


def test_the_threshold_with_the_best_f1_and_the_one_that_merges_nothing_wrongly() -> None:
    scored = [(100, True), (95, True), (90, False), (85, True), (80, True), (60, False), (60, False), (50, False)]
    assert thresholds([(float(s), same) for s, same in scored]) == (80.0, 90.0)


def test_equal_scores_are_accepted_together_or_not_at_all() -> None:
    best, _ = thresholds([(90.0, True), (70.0, True), (70.0, False), (70.0, False), (70.0, False)])
    assert best == 90.0


def test_what_was_reviewed_fits_its_schema_and_names_one_thing_once() -> None:
    known = load_reviewed()
    assert all(len(one.chemicals) > 1 for one in known.one_substance)
    chemicals = [c for one in known.one_substance for c in one.chemicals]
    assert len(chemicals) == len(set(chemicals))
    assert one_substance(chemicals[0], chemicals[1])
    assert not one_substance(chemicals[0], chemicals[-1])
    brands = load_exceptions(Path(records.__file__).with_name("brand_exceptions.yaml"))
    assert all(one.means and one.why for one in brands.exceptions)


def statement(own: str, code: str, dose: str, status: str = "active") -> list[dict[str, object]]:
    return [
        {
            "resourceType": "MedicationStatement",
            "id": own,
            "status": status,
            "medicationReference": {"reference": f"Medication/m-{own}"},
            "dosage": [{"text": dose}],
        },
        {"resourceType": "Medication", "id": f"m-{own}", "code": {"coding": [{"system": "s", "code": code}]}},
    ]


def test_a_transfer_differs_where_a_medicine_is_active_on_one_side_or_its_dose_has_other_words() -> None:
    before = [*statement("1", "A", "One daily"), *statement("2", "B", "one  daily"), *statement("3", "C", "One daily")]
    after = [
        *statement("1", "A", "One daily", "completed"),
        *statement("2", "B", "One Daily"),
        *statement("3", "C", "Two daily"),
    ]
    assert real_differences(before, after) == {"1", "3"}


def test_the_same_code_under_another_id_is_no_difference() -> None:
    assert real_differences(statement("1", "A", "One daily"), statement("9", "A", "One daily")) == frozenset()
