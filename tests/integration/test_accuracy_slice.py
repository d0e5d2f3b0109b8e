"""Slices of `make accuracy` that must never fall: measured on the real records, the tuned part only."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.accuracy import pairs, records, transfer
from conformance.accuracy.near_names import near_names
from conformance.accuracy.records import Pair
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.records.matching import MatchLevel

pytestmark = pytest.mark.records

ROW = {MatchLevel.SAME_PRODUCT, MatchLevel.SAME_GENERIC, MatchLevel.SAME_INGREDIENTS, MatchLevel.SPELLING}
PRODUCT = {MatchLevel.SAME_PRODUCT, MatchLevel.SAME_GENERIC}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory, records_dir: Path) -> Knowledge:
    assert records_dir == records.folder()
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def merged(given: Sequence[Pair], levels: set[MatchLevel], knowledge: Knowledge) -> tuple[list[Pair], int]:
    """The pairs of the tuned part that are merged, and how many there are in all."""
    tuned = [one for one in given if not one.kept]
    answers = pairs.gateway_answers(tuned, knowledge.vocabulary, levels)
    return [one for one, answer in zip(tuned, answers, strict=True) if answer.merged], len(tuned)


def test_no_two_substances_of_like_names_stand_in_one_row(knowledge: Knowledge) -> None:
    found, of = merged(records.other_substances(), ROW, knowledge)
    assert (found, of > 50) == ([], True)


def test_no_two_substances_with_the_nearest_names_of_all_stand_in_one_row(knowledge: Knowledge) -> None:
    found, of = merged(near_names(), ROW, knowledge)
    assert (found, of > 6_000) == ([], True)


def test_another_strength_or_form_is_never_the_same_product(knowledge: Knowledge) -> None:
    found, of = merged(records.other_strengths(), PRODUCT, knowledge)
    assert (found, of > 2_000) == ([], True)


@pytest.mark.parametrize(
    ("given", "floor"),
    [(records.brands, 0.5), (records.renamed, 0.9), (records.licensed, 0.24)],
    ids=["UK brands", "one code, two names", "European brands"],
)
def test_as_many_true_pairs_are_found_as_before(given: object, floor: float, knowledge: Knowledge) -> None:
    assert callable(given)
    found, of = merged(given(), ROW, knowledge)
    assert len(found) / of >= floor


@pytest.mark.parametrize("name", transfer.PAIRS)
def test_a_transfer_shows_every_real_difference_and_no_false_one(name: str, knowledge: Knowledge) -> None:
    one = transfer.outcome(name, knowledge)
    assert one.found == one.real
    assert one.false == ()
    assert len(one.said) == len(one.real)


def test_the_transfers_hold_five_real_differences(knowledge: Knowledge) -> None:
    assert sum(len(transfer.outcome(name, knowledge).real) for name in transfer.PAIRS) == 5
