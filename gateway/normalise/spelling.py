"""Read a misspelt name, or abstain: one edit, one winner, a margin, and clear of every confusable name.

A word that is itself known, of whatever kind, is never corrected: an unknown valid drug was once "corrected" to its
look-alike (clobetasone to clobetasol).
"""

from __future__ import annotations

import itertools

from rapidfuzz import process
from rapidfuzz.distance import OSA

from gateway.normalise.knowledge import Spelling, load_spelling
from gateway.terminology.vocabulary import Vocabulary


def correct(written: str, vocabulary: Vocabulary, limits: Spelling | None = None) -> str | None:
    """The one name (normalised words) that `written` misspells, or None."""
    known = limits or load_spelling()
    letters = sum(c.isalpha() for c in written)
    if letters < known.shortest_word or letters < len(written.replace(" ", "")):
        return None
    if any(word in known.other_names for word in written.split()):
        return None
    if written in vocabulary.names or written in vocabulary.confusable or written in vocabulary.ambiguous:
        return None
    names = _names(vocabulary)
    if not names.may_be_near(written, known.edits):
        return None
    winners = [
        name
        for name, _, _ in process.extract(
            written, names.within(len(written), known.edits), scorer=OSA.distance, score_cutoff=known.edits, limit=None
        )
        if _may_be_slip(written, name, vocabulary.names[name].kind == "brand", known)
    ]
    if not winners or len({vocabulary.names[w].ingredients for w in winners}) != 1:
        return None
    winner = min(winners)
    meaning = vocabulary.names[winner].ingredients
    near = names.within(len(written), known.clear_of_confusable)
    for name, edits, _ in process.extract(
        written, near, scorer=OSA.distance, score_cutoff=known.clear_of_confusable, limit=None
    ):
        if vocabulary.names[name].ingredients == meaning:
            continue
        confusable = name in vocabulary.confusable.get(winner, ())
        if edits <= known.clear_of_others or confusable:
            return None
    for partner in vocabulary.confusable.get(winner, ()):
        if OSA.distance(written, partner) <= known.clear_of_others:
            return None
    return winner


class _Names:
    """Every name that may be meant, and the names by what is left of them without one letter."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.version = vocabulary.version
        self.all = tuple(sorted(n for n, name in vocabulary.names.items() if name.kind != "appliance"))
        self._left = {left for name in self.all for left in _without_one(name)} | set(self.all)
        self._lengths: dict[int, list[str]] = {}
        for name in self.all:
            self._lengths.setdefault(len(name), []).append(name)
        self._within: dict[tuple[int, int], list[str]] = {}

    def may_be_near(self, written: str, edits: int) -> bool:
        """Whether a name may stand within one edit: it then shares what is left of both without one letter."""
        return edits > 1 or not self._left.isdisjoint((written, *_without_one(written)))

    def within(self, length: int, edits: int) -> list[str]:
        """Names whose length allows so few edits."""
        found = self._within.get((length, edits))
        if found is None:
            found = [name for at in range(length - edits, length + edits + 1) for name in self._lengths.get(at, ())]
            self._within[(length, edits)] = found
        return found


def _without_one(word: str) -> list[str]:
    return [word[:n] + word[n + 1 :] for n in range(len(word))]


def _names(vocabulary: Vocabulary) -> _Names:
    found = _CACHE[0] if _CACHE else None
    if found is None or found.version != vocabulary.version:
        found = _Names(vocabulary)
        _CACHE[:] = [found]
    return found


def _may_be_slip(written: str, name: str, brand: bool, limits: Spelling) -> bool:
    """Whether the word that was edited is long enough for this kind of slip, and begins with the right letter.

    "Epoetin zeta" is no slip of "epoetin beta", Cardil (diltiazem) none of Nardil (phenelzine).
    """
    ours, theirs = written.split(), name.split()
    if len(ours) != len(theirs):
        return False
    return all(_one_slip(a, b, brand, limits) for a, b in zip(ours, theirs, strict=True) if a != b)


def _one_slip(a: str, b: str, brand: bool, limits: Spelling) -> bool:
    shorter = min(len(a), len(b))
    if len(a) < limits.shortest_word:
        return False
    if sorted(a) == sorted(b) or _undoubled(a) == _undoubled(b):
        return True
    if a[0] != b[0] and (brand or shorter < limits.shortest_other_first):
        return False
    if len(a) == len(b):
        return not brand and len(a) >= limits.shortest_replaced
    return not brand or shorter >= limits.shortest_brand


def _undoubled(word: str) -> str:
    return "".join(letter for letter, _ in itertools.groupby(word))


_CACHE: list[_Names] = []
