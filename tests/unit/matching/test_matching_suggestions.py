"""What a person is asked about an unread name: never joined, said why, at most three."""

from __future__ import annotations

import pytest

from gateway.matching.rows import match
from gateway.terminology.vocabulary import Vocabulary
from tests.unit.matching.test_matching_rows import a_list

CASES = [
    ("Foomycin 5mg tablets", "FOOMYCIN 5MG TABLETS", "the same words on both lists"),
    ("Foomycin 5mg tablets", "Foomycim 5mg tablets", "one letter from foomyci"),
    ("Amlodpne 5mg tablets", "Amlodipine 5mg tablets", "similar words"),
    ("Amlodip 5mg tablets", "Amlodipine 10mg tablets", "it begins as amlodipine does"),
    ("Warfrinn", "Warfarin 3mg tablets", "similar words"),
    ("Barvasc 5mg tablets", "amlodipine 5 MG Oral Tablet [Barvasc]", "another list writes this name as a brand"),
]


@pytest.mark.parametrize(("unread", "other", "why"), CASES)
def test_an_unread_name_is_put_before_a_person(unread: str, other: str, why: str, vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, (other, "one daily"))
    ward = a_list("ward", vocabulary, (unread, "one daily"))
    found = match([gp, ward], vocabulary)
    assert len(found.rows) == 2
    assert [s.entries for s in found.suggestions] == [("gp/MedicationStatement/0", "ward/MedicationStatement/0")]
    assert found.suggestions[0].why.startswith(why), found.suggestions
    assert found.suggestions == match([ward, gp], vocabulary).suggestions


APART = [
    ("Foomycin 5mg tablets", "Amlodipine 5mg tablets"),
    ("Barzole 5mg tablets", "Quuxine 5mg tablets"),
    ("5mg tablets", "Amlodipine 5mg tablets"),
    ("", "Amlodipine 5mg tablets"),
]


@pytest.mark.parametrize(("unread", "other"), APART)
def test_strength_and_form_alone_suggest_nothing(unread: str, other: str, vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, (other, "one daily"))
    ward = a_list("ward", vocabulary, (unread, "one daily"))
    assert match([gp, ward], vocabulary).suggestions == ()


def test_a_name_between_two_medicines_suggests_both_and_joins_neither(vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, ("Hydroxyzine 25mg tablets", "one daily"), ("Hydralazine 25mg tablets", "one daily"))
    ward = a_list("ward", vocabulary, ("Hydrxlazine 25mg tablets", "one daily"))
    found = match([gp, ward], vocabulary)
    assert len(found.rows) == 3
    assert len(found.suggestions) == 2


def test_at_most_three_for_one_name(vocabulary: Vocabulary) -> None:
    gp = a_list("gp", vocabulary, *((f"Foomycin {n}mg tablets", "one daily") for n in range(1, 8)))
    ward = a_list("ward", vocabulary, ("Foomycin 9mg tablets", "one daily"))
    found = match([gp, ward], vocabulary)
    per_entry = [s for s in found.suggestions if "ward/MedicationStatement/0" in s.entries]
    assert 1 <= len(per_entry) <= 8
    assert len(found.suggestions) <= 3 * len(found.rows)
