"""The vocabulary arranged for reading: every phrase by its first word, so that most words are passed over at once.

Built once for each version of the vocabulary; names are cut into words exactly as a text is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Generic, TypeVar

from gateway.normalise.fold import fold, tokens
from gateway.normalise.knowledge import Harmless, load_harmless
from gateway.terminology.vocabulary import Name, Vocabulary

T = TypeVar("T")

#: The kind of a name that has two meanings, here only.
AMBIGUOUS = "ambiguous"

#: Counts that a strength may be per. Other counts are packs: "28 tablets".
_COUNTED = {"dose", "puff", "spray", "drop"}
#: An ATC code of a substance; shorter ones are groups.
_WHOLE_ATC = 7


class Phrases(Generic[T]):
    """Phrases of one kind. `longest` is, for each first word, how many words its longest phrase has."""

    __slots__ = ("longest", "table")

    def __init__(self, pairs: Iterable[tuple[str, T]]) -> None:
        self.table: dict[str, T] = {}
        self.longest: dict[str, int] = {}
        for phrase, meaning in pairs:
            words = phrase.split()
            if words:
                self.table[phrase] = meaning
                self.longest[words[0]] = max(len(words), self.longest.get(words[0], 0))

    def find(self, words: Sequence[str], taken: list[bool], places: Sequence[int]) -> list[tuple[int, int, T]]:
        """(start, end, meaning) of phrases that do not overlap, longest at each place; they are marked as taken.

        `places` are those of words with which any phrase of any kind begins.
        """
        found: list[tuple[int, int, T]] = []
        longest, table = self.longest, self.table
        total = len(words)
        for at in places:
            most = longest.get(words[at])
            if most is not None and not taken[at]:
                for end in range(min(total, at + most), at, -1):
                    meaning = table.get(" ".join(words[at:end]))
                    if meaning is not None and not any(taken[at:end]):
                        found.append((at, end, meaning))
                        taken[at:end] = [True] * (end - at)
                        break
        return found


class Lexicon:
    """What a reader looks words up in; `sets` are the ingredient sets of which a product is known."""

    def __init__(self, vocabulary: Vocabulary, harmless: Harmless) -> None:
        self.harmless = harmless
        self.names: Phrases[Name] = Phrases(_names(vocabulary))
        self.forms = Phrases(vocabulary.form_words.items())
        self.releases = Phrases(vocabulary.release_words.items())
        self.solid_releases = Phrases(vocabulary.solid_release_words.items())
        self.hours = Phrases(vocabulary.release_hours.items())
        self.presentation = Phrases(harmless.presentation.items())
        kinds = (self.names, self.forms, self.releases, self.solid_releases, self.hours, self.presentation)
        self.starts = frozenset(word for phrases in kinds for word in phrases.longest)
        self.suppliers = frozenset(vocabulary.suppliers)
        self.sets = frozenset(frozenset(n.ingredients) for n in vocabulary.names.values())
        measured = {u for u, unit in vocabulary.units.items() if unit.dimension} | _COUNTED
        self.atc: dict[str, tuple[str, ...]] = {}
        for ingredient in vocabulary.ingredients.values():
            for code in ingredient.atc:
                if len(code) == _WHOLE_ATC:
                    self.atc[code] = (*self.atc.get(code, ()), ingredient.name)
        self._units = {w: u for w, u in vocabulary.unit_words.items() if u in measured and w.replace(" ", "").isalnum()}
        #: Words that count: packs, and what "per 1 each" is per.
        self.counts = {w for w, u in vocabulary.unit_words.items() if u not in measured and w.isalpha()} | {
            "each",
            "ea",
        }
        # A day is a unit of what a patch gives off, and of nothing else in a name.
        self._units |= {"day": "day", "days": "day"}
        self._longest_unit = Phrases(self._units.items()).longest
        self._dimensions: dict[str, str | None] = {u: unit.dimension for u, unit in vocabulary.units.items()}
        self._dimensions["day"] = "time"

    def dimension(self, unit: str) -> str | None:
        return self._dimensions.get(unit)

    def is_unit(self, word: str) -> bool:
        return word in self._units or word in self.counts

    def unit_at(self, words: Sequence[str], at: int, tail: str = "") -> tuple[str | None, int]:
        """The unit that begins at word `at`, or in `tail`, written onto the number before it; and where it ends."""
        first = tail or (words[at] if at < len(words) else "")
        most = self._longest_unit.get(first)
        if most is None:
            return None, at
        start = at - 1 if tail else at
        for length in range(most, 0, -1):
            phrase = [first, *words[start + 1 : start + length]]
            unit = self._units.get(" ".join(phrase))
            if unit is not None and len(phrase) == length:
                return unit, start + length
        return None, at


def _names(vocabulary: Vocabulary) -> Iterable[tuple[str, Name]]:
    """Each name by its normalised words (spelling answers with those) and as a text that holds it is cut.

    A name of two meanings is among them without ingredients, so that no shorter name within it is read in its place:
    Dulcolax Liquid is one laxative here and another there, and neither is Dulcolax.
    """
    for key, written in zip(vocabulary.ambiguous, vocabulary.ambiguous_as_written, strict=True):
        for phrase in {key, " ".join(tokens(fold(written) or "").words)}:
            yield phrase, Name(written=written, kind=AMBIGUOUS, ingredients=())
    for key, name in vocabulary.names.items():
        yield key, name
        if name.written.lower().replace("-", " ") == key:
            continue
        cut = " ".join(tokens(fold(name.written) or "").words)
        if cut not in vocabulary.names and cut not in vocabulary.ambiguous:
            yield cut, name


_LAST: list[tuple[str, Lexicon]] = []


def lexicon_of(vocabulary: Vocabulary) -> Lexicon:
    """The lexicon of this vocabulary; that of the last one is kept."""
    last = _LAST[0] if _LAST else None
    if last is not None and last[0] == vocabulary.version:
        return last[1]
    built = Lexicon(vocabulary, load_harmless())
    _LAST[:] = [(vocabulary.version, built)]
    return built
