"""Rows: one ingredient set by one kind of route; nothing may join two; the order of anything changes nothing."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.fhir.read import read_list
from gateway.matching.compare import compare
from gateway.matching.rows import match
from gateway.normalise.lists import normalise_list
from gateway.normalise.product import read_name
from gateway.records.lists import MedicineList
from gateway.records.matching import Matching, MatchLevel
from gateway.terminology.vocabulary import Vocabulary
from tests.fhir_builders import bundle, document, patient, statement

AT = dt.date(2026, 11, 24)


def a_list(name: str, vocabulary: Vocabulary, *items: tuple[str, str]) -> MedicineList:
    resources = [statement(str(n), text, dose=dose) for n, (text, dose) in enumerate(items)]
    return normalise_list(read_list(name, [document(bundle(patient(), *resources))]), vocabulary, AT)


PAIRS = [
    ("Apixaban 5mg tablets", "apixaban 5 mg tablet", "same-product"),
    ("Amoxicillin 500mg capsules", "Amoxicillin 0.5 g capsules", "same-product"),
    ("Salbutamol 100micrograms/dose inhaler", "albuterol 0.1 mg/dose inhaler", "same-product"),
    ("Eliquis 5mg tablets", "Apixaban 5mg tablets", "same-generic"),
    ("Panadol 500mg tablets", "Paracetamol 500mg tablets", "same-generic"),
    ("Apixaban 5mg tablets", "Apixaban 2.5mg tablets", "same-ingredients"),
    ("Metformin 500mg tablets", "Metformin 500mg modified-release tablets", "same-ingredients"),
    ("Ramipril 5mg tablets", "Ramipril 5mg capsules", "same-ingredients"),
    ("Apixaban 5mg tablets", "Apixaban", "same-ingredients"),
    ("Adrenaline 300micrograms/0.3ml injection", "Adrenaline 150micrograms/0.15ml injection", "same-ingredients"),
    ("Amlodopine 5mg tablets", "Amlodipine 5mg tablets", "spelling"),
    ("Hydralazine 25mg tablets", "Hydroxyzine 25mg tablets", "apart"),
    ("Ferrous sulfate 200mg tablets", "Ferrous fumarate 200mg tablets", "apart"),
    ("Hydrocortisone 1% cream", "Hydrocortisone 10mg tablets", "apart"),
    ("Timolol 0.25% eye drops", "Timolol 10mg tablets", "apart"),
    ("Betamethasone 0.1% ear/eye/nose drops", "Betamethasone 500microgram tablets", "apart"),
    ("Betamethasone 0.1% ear/eye/nose drops", "Betamethasone 0.1% eye drops", "same-ingredients"),
    ("Seretide 125 Evohaler", "Flixotide 125micrograms/dose Evohaler", "apart"),
    ("Insulin aspart 100units/ml", "Insulin lispro 100units/ml", "apart"),
    ("Trelegy Ellipta", "Avamys 27.5micrograms/dose nasal spray", "apart"),
]


@pytest.mark.parametrize(("a", "b", "level"), PAIRS)
def test_two_names_relate_as_a_pharmacist_would_say(a: str, b: str, level: str, vocabulary: Vocabulary) -> None:
    one, two = read_name(a, vocabulary), read_name(b, vocabulary)
    found = compare(one, two, vocabulary)
    assert found.level.value == level, found.reasons
    assert compare(two, one, vocabulary).level is found.level
    assert found.reasons


def shape(found: Matching) -> list[tuple[str, list[str], str]]:
    return [(row.medicine, list(row.entries), row.level.value) for row in found.rows]


def test_brand_and_generic_stand_in_one_row_and_lines_pair_the_strengths(vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, ("Warfarin 1mg tablets", "two daily"), ("Warfarin 3mg tablets", "one daily"))
    ward = a_list("ward", vocabulary, ("Marevan 3mg tablets", "one daily"), ("Marevan 1mg tablets", "two daily"))
    rows = match([gp, ward], vocabulary).rows
    assert len(rows) == 1
    assert rows[0].lines == (
        ("gp/MedicationStatement/0", "ward/MedicationStatement/1"),
        ("gp/MedicationStatement/1", "ward/MedicationStatement/0"),
    )
    assert rows[0].level is MatchLevel.SAME_GENERIC


def test_tablets_and_cream_of_one_ingredient_stay_apart(vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, ("Hydrocortisone 10mg tablets", "one daily"))
    ward = a_list("ward", vocabulary, ("Hydrocortisone 1% cream", "apply daily"))
    assert len(match([gp, ward], vocabulary).rows) == 2


def test_equal_words_that_nobody_understands_are_only_suggested(vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, ("Foomycin 5mg tablets", "one daily"))
    ward = a_list("ward", vocabulary, ("Foomycin 5mg tablets", "one daily"))
    found = match([gp, ward], vocabulary)
    assert len(found.rows) == 2
    assert found.suggestions[0].similarity == 100


NAMES = [
    "Apixaban 5mg tablets",
    "Eliquis 2.5mg tablets",
    "Warfarin 1mg tablets",
    "Warfarin 3mg tablets",
    "Hydralazine 25mg tablets",
    "Hydroxyzine 25mg tablets",
    "Amlodopine 5mg tablets",
    "Amlodipine 10mg tablets",
    "Foomycin 5mg tablets",
    "Co-codamol 30/500 tablets",
    "Paracetamol 500mg tablets",
    "Hydrocortisone 1% cream",
    "Hydrocortisone 10mg tablets",
    "Hydrocortisone",
]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.sampled_from(NAMES), max_size=6), min_size=1, max_size=4))
def test_any_lists_in_any_order(vocabulary: Vocabulary, names: list[list[str]]) -> None:
    lists = [a_list(f"l{n}", vocabulary, *((name, "one daily") for name in one)) for n, one in enumerate(names)]
    found = match(lists, vocabulary)
    ids = [e.id for one in lists for e in one.entries]
    assert Counter(e for row in found.rows for e in row.entries) == Counter(ids)
    assert Counter(e for row in found.rows for line in row.lines for e in line) == Counter(ids)
    by_id = {e.id: e for one in lists for e in one.entries}
    for row in found.rows:
        assert len({by_id[e].product.ingredients for e in row.entries}) == 1
        for line in row.lines:
            assert len({by_id[e].list for e in line}) == len(line)
    for order in itertools.islice(itertools.permutations(lists), 6):
        assert shape(match(order, vocabulary)) == shape(found)


def test_rows_read_knowledge_from_the_mappings(tmp_path: Path) -> None:
    from gateway.errors import KnowledgeError
    from gateway.matching.knowledge import load_thresholds

    (tmp_path / "matching").mkdir()
    (tmp_path / "matching" / "thresholds.yaml").write_text("suggest_from: much")
    with pytest.raises(KnowledgeError, match=r"thresholds\.yaml"):
        load_thresholds(tmp_path)


EAR_EYE_NOSE = "Betamethasone 0.1% ear/eye/nose drops"


@pytest.mark.parametrize(
    ("others", "rows"),
    [
        (("Betamethasone 500microgram tablets",), 2),
        (("Betamethasone 0.1% eye drops",), 1),
        (("Betamethasone 0.1% eye drops", "Betamethasone 500microgram tablets"), 2),
        (("Betamethasone 0.1% eye drops", "Betamethasone 0.1% ear drops"), 3),
    ],
)
def test_drops_for_ear_eye_and_nose_join_the_only_one_of_these_and_never_tablets(
    others: tuple[str, ...], rows: int, vocabulary: Vocabulary
) -> None:
    one = a_list("gp", vocabulary, (EAR_EYE_NOSE, "two drops twice a day"))
    other = a_list("ward", vocabulary, *((name, "as directed") for name in others))
    found = match([one, other], vocabulary)
    assert len(found.rows) == rows
    with_tablets = [row for row in found.rows if row.kind_of_route == "systemic"]
    assert all(len(row.entries) == 1 for row in with_tablets)
    assert found == match([other, one], vocabulary)
