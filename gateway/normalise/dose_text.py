"""Read a dosage instruction. What is not certain stays text, with the words that made it so."""

from __future__ import annotations

import re
from functools import lru_cache

from gateway.normalise.dose_facts import Route
from gateway.normalise.dose_grammar import read
from gateway.normalise.dose_scan import Scan
from gateway.normalise.dose_steps import steps_of
from gateway.normalise.dose_tokens import fold
from gateway.normalise.dose_words import Lexicon, build_lexicon
from gateway.records.dose import Dose
from gateway.terminology.vocabulary import Vocabulary

#: An instruction longer than this is left as text; the longest real one at hand has 400 characters.
READ_AT_MOST = 600

_WORD = re.compile(r"[^\W\d_]+")
#: 0,5-0-1 has a decimal comma.
_COMMA_SCHEME = re.compile(r"[\d½¼¾/]*\d,\d+-[\d½¼¾/,-]+|[\d½¼¾/]+(?:-[\d½¼¾/]+)*-\d+,\d+[\d½¼¾/,-]*")
_NUMBERED = re.compile(r"(?:(?<=^)|(?<=[.;,] ))\(?([1-9])[.)] (?=[a-z])")


def read_dose_text(text: str, vocabulary: Vocabulary) -> Dose:
    """`parsed` with its steps, or text with `why_not`. Never raises."""
    return _reader(vocabulary).read(text)


def sends_elsewhere(text: str, vocabulary: Vocabulary) -> bool:
    """Whether a note says that the amount stands somewhere else ("according to INR")."""
    return _reader(vocabulary).sends_elsewhere(text[:READ_AT_MOST])


class _Reader:
    def __init__(self, words: Lexicon, names: frozenset[str]) -> None:
        self._words = words
        self._names = names
        self.read = lru_cache(maxsize=50_000)(self._read)

    def sends_elsewhere(self, text: str) -> bool:
        scan = Scan(fold(text), self._words.english)
        return any(scan.at(i, "stays_text") for i in range(scan.size))

    def _read(self, text: str) -> Dose:
        if len(text) > READ_AT_MOST:
            return Dose(text=text, why_not="the instruction is too long to be read safely")
        folded = fold(text)
        if not folded:
            return Dose(text=text, why_not="there is no instruction")
        folded = _unnumbered(folded)
        german = not self._words.markers.isdisjoint(_WORD.findall(folded)) or bool(_COMMA_SCHEME.match(folded))
        scan = Scan(folded, self._words.german if german else self._words.english)
        start = _after_name(scan, self._names)
        facts, stopped = read(scan, start)
        if stopped is not None:
            return Dose(text=text, why_not=f'not understood: "{stopped}"')
        steps, why_not, repeats = steps_of(facts, self._words)
        if why_not or not steps:
            return Dose(text=text, why_not=why_not or "it names no amount and no times")
        routes = {f.name for f in facts if isinstance(f, Route)}
        route = routes.pop() if len(routes) == 1 else None
        return Dose(text=text, parsed=True, sequence=tuple(steps), route=route, read_from="text", repeats=repeats)


def _unnumbered(folded: str) -> str:
    """ "1) two tablets daily for 5 days 2) one daily for 5 days" with "then" for the numbers, if they count up."""
    found = list(_NUMBERED.finditer(folded))
    if len(found) < 2 or [m[1] for m in found] != [str(n + 1) for n in range(len(found))]:
        return folded
    begins = [0, *(m.start() for m in found[1:])]
    ends = [*begins[1:], len(folded)]
    parts = [_NUMBERED.sub("", folded[a:b], count=1).strip() for a, b in zip(begins, ends, strict=True)]
    return " then ".join(parts)


def _after_name(scan: Scan, names: frozenset[str]) -> int:
    """The place after "Paracetamol 500mg" begins its amount: a name at the head, then a mass that no unit follows.

    "Paracetamol 500mg tablets" is a product, and what follows it says how many.
    """
    for count in (3, 2, 1):
        if scan.numeric(count) and not scan.kinds(0) and " ".join(scan.tokens[:count]) in names:
            unit = scan.at(count + 1, "unit")
            if unit and unit[0] in {"mg", "g", "microgram"} and not scan.at(unit[1], "unit"):
                return count
    return 0


_READERS: dict[str, _Reader] = {}


def _reader(vocabulary: Vocabulary) -> _Reader:
    found = _READERS.get(vocabulary.version)
    if found is None:
        found = _READERS[vocabulary.version] = _Reader(build_lexicon(vocabulary), frozenset(vocabulary.names))
    return found
