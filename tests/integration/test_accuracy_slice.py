"""Slices of `make accuracy` that must never fall: measured on the real records, the tuned part only."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from conformance.accuracy import pairs, records, transfer
from conformance.accuracy.near_names import near_names
from conformance.accuracy.records import Pair
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten
from gateway.records.matching import MatchLevel
from tests.fhir_builders import document

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
    [(records.brands, 0.95), (records.renamed, 0.92), (records.licensed, 0.84)],
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


RENAMED = ((r"(\d)(mg|micrograms?|ml)\b", r"\1 \2"), (r" \([^()]*\)$", ""), (r"(m?g) tablets$", r"\1 oral tablet"))


def moved(name: str, without: int) -> list[ListAsWritten]:
    """A record before, and as another system might hold it: other codes, names respaced, suppliers gone.

    The first `without` current statements are gone from the record after, the last two from the record before.
    """
    before = json.loads(transfer.path_of(transfer.PAIRS[name][0]).read_text(encoding="utf-8-sig"))
    after = copy.deepcopy(before)
    active = [
        entry["resource"]["id"]
        for entry in before["entry"]
        if entry["resource"]["resourceType"] == "MedicationStatement" and entry["resource"]["status"] == "active"
    ]
    for n, entry in enumerate(after["entry"]):
        code = entry["resource"].get("code") if entry["resource"]["resourceType"] == "Medication" else None
        for place, holder in [("text", code), *(("display", c) for c in code["coding"])] if code else []:
            for pattern, other in RENAMED if place in holder else ():
                holder[place] = re.sub(pattern, other, holder[place])
            if place == "display":
                holder["code"] = f"39000{n:06}1000001100"
    sides = []
    for side, bundle, gone in (("before", before, active[-2:]), ("after", after, active[:without])):
        bundle["entry"] = [e for e in bundle["entry"] if e["resource"].get("id") not in gone]
        sides.append(read_list(side, [document(bundle, f"{side}.json")]))
    return sides


def test_new_codes_and_names_hide_no_difference_and_make_none(knowledge: Knowledge) -> None:
    """Rows, not rules: these records are still in transfer, of which no rule may say that a medicine is missing."""
    lists = moved("Magre", without=3)
    ids = [{e.id.rpartition("/")[2] for e in one.entries} for one in lists]
    gone = {i for i in ids[0] ^ ids[1] if i.endswith("-MS")}  # a statement gone leaves its orders behind
    assert len(gone) == 5
    assert transfer.alone_in_row(reconcile(lists, knowledge, transfer.AT)) == gone


def test_the_transfers_hold_five_real_differences(knowledge: Knowledge) -> None:
    assert sum(len(transfer.outcome(name, knowledge).real) for name in transfer.PAIRS) == 5
