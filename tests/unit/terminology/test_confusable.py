"""Confusable pairs: both directions, two meanings, and no reading or correction from one to the other."""

from __future__ import annotations

import yaml

from gateway.normalise.product import read_name
from gateway.normalise.spelling import correct
from gateway.settings import mappings_dir
from gateway.terminology.vocabulary import Vocabulary, normalise_words


def pairs() -> list[tuple[str, str]]:
    path = mappings_dir() / "terminology" / "confusable.yaml"
    return [tuple(p) for p in yaml.safe_load(path.read_text(encoding="utf-8"))["pairs"]]


def test_there_are_at_least_300_pairs_and_none_stands_twice() -> None:
    written = [frozenset(map(normalise_words, pair)) for pair in pairs()]
    assert len(written) >= 300
    assert all(len(pair) == 2 for pair in written)
    assert len(set(written)) == len(written)


def test_each_pair_counts_in_both_directions(vocabulary: Vocabulary) -> None:
    for a, b in pairs():
        assert normalise_words(b) in vocabulary.confusable[normalise_words(a)]
        assert normalise_words(a) in vocabulary.confusable[normalise_words(b)]


def test_both_names_of_a_pair_mean_different_medicines(vocabulary: Vocabulary) -> None:
    """Oxycontin and Oxynorm hold one substance: there the release makes two medicines."""
    known = 0
    for a, b in pairs():
        one, other = (vocabulary.names.get(normalise_words(n)) for n in (a, b))
        if one is None or other is None:
            continue
        known += 1
        meanings = [(frozenset(n.ingredients), n.release, n.release_hours) for n in (one, other)]
        assert meanings[0] != meanings[1], (a, b)
    assert known >= 300


def test_no_name_is_read_as_its_partner(vocabulary: Vocabulary) -> None:
    for a, b in pairs():
        one, other = read_name(a, vocabulary), read_name(b, vocabulary)
        if one.understood and other.understood:
            assert (one.ingredients, one.release) != (other.ingredients, other.release) or one.release_hours, (a, b)
        for written, product in ((a, one), (b, other)):
            name = vocabulary.names.get(normalise_words(written))
            if product.understood:
                assert product.corrected == (), written
                assert name is None or product.appliance or set(product.ingredients) == set(name.ingredients), written


def test_no_slip_of_one_letter_between_two_partners_is_corrected(vocabulary: Vocabulary) -> None:
    """Every text one edit from both names of a pair, where there is one; and each name itself."""
    between = 0
    for a, b in pairs():
        one, other = normalise_words(a), normalise_words(b)
        assert correct(one, vocabulary) is None
        assert correct(other, vocabulary) is None
        for slip in _edits(one) & _edits(other):
            if slip in vocabulary.names:
                continue
            between += 1
            assert correct(slip, vocabulary) is None, (a, b, slip)
    assert between >= 100


def _edits(word: str) -> set[str]:
    """Each text one deletion, replacement, insertion or swap away; letters of the alphabet only."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    splits = [(word[:n], word[n:]) for n in range(len(word) + 1)]
    return (
        {a + b[1:] for a, b in splits if b}
        | {a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1}
        | {a + c + b[1:] for a, b in splits if b for c in letters}
        | {a + c + b for a, b in splits for c in letters}
    )
