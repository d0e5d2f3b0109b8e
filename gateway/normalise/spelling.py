"""Read a misspelt name, or abstain: one edit, one winner, a margin, and clear of every confusable name.

A word that is itself known, of whatever kind, is never corrected: an unknown valid drug was once "corrected" to its
look-alike (clobetasone to clobetasol).
"""

from __future__ import annotations

import bisect
import itertools

from rapidfuzz import process
from rapidfuzz.distance import OSA, DamerauLevenshtein

from gateway.normalise.knowledge import Clear, Spelling, load_spelling
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
    slips = {
        name: slip
        for name in names.one_letter_from(written)
        if (slip := _slip(written, name, vocabulary.names[name].kind == "brand", known))
    }
    if not slips or len({vocabulary.names[name].ingredients for name in slips}) != 1:
        return None
    winner = min(slips)
    meaning, clear = vocabulary.names[winner].ingredients, slips[winner]
    partners = vocabulary.confusable.get(winner, ())
    widest = max(clear.others, clear.confusable)
    near = process.extract(
        written, names.within(len(written), widest), scorer=OSA.distance, score_cutoff=widest, limit=None
    )
    for name, edits, _ in near:
        if vocabulary.names[name].ingredients == meaning:
            continue
        if edits <= (clear.confusable if name in partners else clear.others):
            return None
    if any(vocabulary.names[name].ingredients != meaning for name in names.beginning(written)):
        return None
    # A letter may also stand between two that were swapped: "proatmine" is two slips of proamatine.
    if any(DamerauLevenshtein.distance(written, partner) <= clear.confusable for partner in partners):
        return None
    return winner


class _Names:
    """Every name that may be meant, and the names by what is left of them without one letter."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.version = vocabulary.version
        self.all = tuple(sorted(n for n, name in vocabulary.names.items() if name.kind != "appliance"))
        self._left: dict[str, list[str]] = {}
        for name in self.all:
            for left in {name, *_without_one(name)}:
                self._left.setdefault(left, []).append(name)
        self._lengths: dict[int, list[str]] = {}
        for name in self.all:
            self._lengths.setdefault(len(name), []).append(name)
        self._within: dict[tuple[int, int], list[str]] = {}

    def one_letter_from(self, written: str) -> list[str]:
        """Names one edit away: those share what is left of both without one letter."""
        may_be = {name for left in (written, *_without_one(written)) for name in self._left.get(left, ())}
        return [name for name in sorted(may_be) if OSA.distance(written, name, score_cutoff=1) == 1]

    def beginning(self, written: str) -> tuple[str, ...]:
        """Names that `written` may be the beginning of, cut off: "hepari" is heparin as well as heparinoid."""
        start = bisect.bisect_left(self.all, written)
        return tuple(
            itertools.takewhile(lambda name: name.startswith(written), itertools.islice(self.all, start, None))
        )

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


def _slip(written: str, name: str, brand: bool, limits: Spelling) -> Clear | None:
    """What other names must be clear of for `written` to be a slip of `name`; None where it is none.

    The word that was edited must be long enough for this kind of slip, and begin with the right letter: "epoetin zeta"
    is no slip of "epoetin beta", Cardil (diltiazem) none of Nardil (phenelzine).
    """
    ours, theirs = written.split(), name.split()
    if len(ours) != len(theirs):
        return None
    edited = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    kinds = [_one_slip(a, b, brand, limits) for a, b in edited]
    return kinds[0] if len(kinds) == 1 else None


def _one_slip(a: str, b: str, brand: bool, limits: Spelling) -> Clear | None:
    shorter = min(len(a), len(b))
    if len(a) < limits.shortest_word:
        return None
    same_letters = sorted(a) == sorted(b) or _undoubled(a) == _undoubled(b)
    if not same_letters and a[0] != b[0] and (brand or shorter < limits.shortest_other_first):
        return None
    replaced = len(a) == len(b) and not same_letters
    if brand:
        return limits.clear_of.brand if same_letters or (not replaced and shorter >= limits.shortest_brand) else None
    if replaced and len(a) < limits.shortest_replaced:
        return None
    if replaced or shorter < limits.shortest_sure:
        return limits.clear_of.doubtful
    return limits.clear_of.same_letters if same_letters else limits.clear_of.one_letter


def _undoubled(word: str) -> str:
    return "".join(letter for letter, _ in itertools.groupby(word))


_CACHE: list[_Names] = []
