"""What a change is understood as, or that it stays text: cases a pharmacist can read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.actions.read_change import ChangeFields, read_change
from gateway.errors import InputError
from gateway.normalise.product import read_name
from gateway.records.matching import MatchLevel, Row
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "changes.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def vocabulary(tmp_path_factory: pytest.TempPathFactory) -> Vocabulary:
    return load_vocabulary(cache_dir=tmp_path_factory.mktemp("vocabulary"))


def row_of(medicine: str, vocabulary: Vocabulary) -> Row:
    known = read_name(medicine, vocabulary).ingredients
    return Row(id="r1", medicine=medicine, entries=(), lines=(), level=MatchLevel.SINGLE, ingredients=known)


@pytest.mark.parametrize("case", CASES, ids=[c["case"] for c in CASES])
def test_a_change_is_understood_or_stays_text(case: dict[str, Any], vocabulary: Vocabulary) -> None:
    read = read_change(ChangeFields(**case["fields"]), row_of(case["row"], vocabulary), vocabulary)
    assert read.text == case["text"]
    assert (read.understood.words if read.understood else None) == case["read"]
    assert bool(read.why_not) == (case["read"] is None)
    assert read.another == case.get("another", False)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Say what"),
        ({"words": "5 mg daily", "amount": "5"}, "not both"),
        ({"words": "x" * 2_000}, "at most"),
        ({"amount": "5\0"}, "at most"),
    ],
    ids=["nothing", "both", "too long", "a control character"],
)
def test_what_cannot_be_one_change_is_refused(fields: dict[str, Any], words: str, vocabulary: Vocabulary) -> None:
    with pytest.raises(InputError, match=words):
        read_change(ChangeFields(**fields), row_of("apixaban", vocabulary), vocabulary)
