"""Invented patients in every order: the same rows, lines, levels and suggestions; nothing lost, nothing joined."""

from __future__ import annotations

import random
from collections import Counter

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.accuracy.population import as_lists
from conformance.accuracy.synthetic import patients
from gateway.matching.facets import facets_of
from gateway.matching.rows import match
from gateway.records.lists import MedicineList
from gateway.terminology.vocabulary import Vocabulary

SEEDS = st.integers(min_value=0, max_value=1_000_000)


def of_seed(seed: int, vocabulary: Vocabulary) -> list[MedicineList]:
    (patient,) = patients(1, seed)
    return as_lists(patient, vocabulary)


def shuffled(lists: list[MedicineList], seed: int) -> list[MedicineList]:
    chance = random.Random(seed)
    mixed = [msgspec.structs.replace(one, entries=tuple(chance.sample(one.entries, len(one.entries)))) for one in lists]
    chance.shuffle(mixed)
    return mixed


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_order_of_lists_and_entries_changes_nothing(vocabulary: Vocabulary, seed: int) -> None:
    lists = of_seed(seed, vocabulary)
    found = match(lists, vocabulary)
    for n in range(3):
        assert match(shuffled(lists, seed + n), vocabulary) == found


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_what_was_met_before_changes_nothing(vocabulary: Vocabulary, seed: int) -> None:
    """A process that has matched a thousand patients answers as one that has matched none."""
    lists = of_seed(seed, vocabulary)
    warm = match(lists, vocabulary)
    fresh = msgspec.structs.replace(vocabulary)
    assert match(lists, fresh) == warm
    facets_of(vocabulary)


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_every_entry_stands_in_one_row_and_one_line_and_no_row_holds_two_medicines(
    vocabulary: Vocabulary, seed: int
) -> None:
    lists = of_seed(seed, vocabulary)
    found = match(lists, vocabulary)
    entries = {e.id: e for one in lists for e in one.entries}
    assert Counter(e for row in found.rows for e in row.entries) == Counter(entries.keys())
    assert Counter(e for row in found.rows for line in row.lines for e in line) == Counter(entries.keys())
    for row in found.rows:
        assert len({entries[e].product.ingredients for e in row.entries}) == 1
        for line in row.lines:
            assert len({entries[e].list for e in line}) == len(line)
    assert [row.id for row in found.rows] == [f"r{n}" for n in range(1, len(found.rows) + 1)]


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_a_further_list_never_parts_what_is_one_by_ingredients_and_route(vocabulary: Vocabulary, seed: int) -> None:
    """An entry that names no route may come to stand alone, when a second route turns up: then nobody knows."""
    lists = of_seed(seed, vocabulary)
    known = facets_of(vocabulary)
    kinds = {e.id: known.of(e.product).kind for one in lists for e in one.entries}
    all_rows = {e: row.id for row in match(lists, vocabulary).rows for e in row.entries}
    for row in match(lists[:-1], vocabulary).rows:
        with_route = [e for e in row.entries if kinds[e]]
        assert len({all_rows[e] for e in with_route}) <= 1


@settings(max_examples=60, deadline=None)
@given(SEEDS)
def test_suggestions_are_few_and_never_join_or_repeat(vocabulary: Vocabulary, seed: int) -> None:
    lists = of_seed(seed, vocabulary)
    found = match(lists, vocabulary)
    row_of = {e: row for row in found.rows for e in row.entries}
    unread = [row for row in found.rows if not row.ingredients]
    assert len({s.entries for s in found.suggestions}) == len(found.suggestions)
    for one in found.suggestions:
        a, b = one.entries
        assert row_of[a].id != row_of[b].id
        assert 0 <= one.similarity <= 100
        assert one.why
    about_unread = [s for s in found.suggestions if not all(row_of[e].ingredients for e in s.entries)]
    assert len(about_unread) <= 3 * len(unread)
