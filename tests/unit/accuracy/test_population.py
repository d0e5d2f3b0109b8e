"""Invented patients: independent of the reader, the same from a seed, and nothing joined wrongly at any vocabulary."""

from __future__ import annotations

import ast
import itertools
from collections import Counter
from pathlib import Path

import pytest

from conformance.accuracy import synthetic
from conformance.accuracy.population import LEVELS, Level, measure, measure_one
from conformance.accuracy.reduced import reduced
from conformance.accuracy.synthetic import Entry, Patient, fresh_seed, patients
from gateway.terminology.vocabulary import Vocabulary

FOLDER = Path(synthetic.__file__).parent


def test_the_generator_imports_nothing_of_the_gateway() -> None:
    for path in FOLDER.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
        names += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
        assert not [n for n in names if n.split(".")[0] == "gateway"], path.name


def test_one_seed_gives_the_same_patients_and_another_seed_others() -> None:
    assert list(patients(20, 7)) == list(patients(20, 7))
    assert list(patients(20, 7)) == list(patients(40, 7))[:20]
    assert list(patients(20, 7)) != list(patients(20, 8))
    assert len({fresh_seed() for _ in range(5)}) > 1


def test_what_is_planted_is_there() -> None:
    people = list(patients(400, 3))
    planted = Counter(p for one in people for p in one.planted)
    assert 0.2 < planted["look-alike"] / 400 < 0.3
    assert min(planted[p] for p in ("two-courses", "two-routes", "changed-strength")) > 20
    faults = Counter(f for one in people for e in one.entries for f in e.faults)
    assert min(faults[f] for f in ("misspelt", "misspelt-twice", "truncated", "other-notation")) > 20
    texts = [e.text for one in people for e in one.entries]
    for part in ("0.5 g", "500mg", "30/500", "[", "tab PO", "Ltd)", "MG Oral Tablet"):
        assert any(part in text for text in texts), part


def test_ids_are_unique_and_truth_is_symmetric() -> None:
    for one in patients(50, 5):
        assert len({e.id for e in one.entries}) == len(one.entries)
        for a, b in one.true_pairs():
            assert a < b
            assert not one.wrong(a, b)


def entry(list_name: str, text: str, medicine: str, course: str = "c0") -> Entry:
    return Entry(
        list=list_name, id=f"{list_name}/x/{course}", text=text, strength="", form="", medicine=medicine, course=course
    )


def test_a_wrong_merge_is_counted_as_one(vocabulary: Vocabulary) -> None:
    """Truth that calls two spellings of one name two medicines: joining them must count, or the measure is blind."""
    one = Patient(
        id="p", entries=(entry("a", "Apixaban 5mg", "x | systemic"), entry("b", "Apixaban 5mg", "y | systemic", "c1"))
    )
    found = measure_one([one], vocabulary, LEVELS[0])
    assert (found.wrong_merges, found.right, found.pairs, found.safe_recall) == (1, 0, 0, None)
    assert found.wrong_per_1000 == 1000


def test_a_missed_pair_is_counted_as_missed(vocabulary: Vocabulary) -> None:
    one = Patient(
        id="p", entries=(entry("a", "Apixaban 5mg", "x | systemic"), entry("b", "Foomycin 5mg", "x | systemic"))
    )
    found = measure_one([one], vocabulary, LEVELS[0])
    assert (found.pairs, found.right, found.abstained, found.safe_recall) == (1, 0, 1, 0.0)


@pytest.mark.parametrize("level", LEVELS, ids=[one.label for one in LEVELS])
def test_nothing_is_joined_wrongly_in_300_patients(vocabulary: Vocabulary, level: Level) -> None:
    (found,) = measure(300, 20261126, vocabulary, [level])
    assert found.errors == [] or not [e for e in found.errors if "joined" in e]
    assert found.wrong_merges == 0
    assert found.recall > {1.0: 0.97, 0.85: 0.88, 0.5: 0.7}[level.brands]


def test_what_a_smaller_vocabulary_lacks_is_gone_everywhere(vocabulary: Vocabulary) -> None:
    small = reduced(vocabulary, brands=0.5, generics=0.9, seed=4)
    assert 0.87 < len(small.ingredients) / len(vocabulary.ingredients) < 0.93
    brands = [sum(n.kind == "brand" for n in v.names.values()) for v in (small, vocabulary)]
    assert 0.4 < brands[0] / brands[1] < 0.5
    assert all(set(n.ingredients) <= small.ingredients.keys() for n in small.names.values() if n.kind != "appliance")
    gone = vocabulary.names.keys() - small.names.keys()
    assert gone.isdisjoint(itertools.chain(small.confusable, *small.confusable.values()))
    assert small.version != vocabulary.version
