"""Find every name in a text and account for every other word.

A known name beside a word nobody knows is not read: "foomycin hydrochlorothiazide" is not hydrochlorothiazide.
"""

from __future__ import annotations

import re

from msgspec import Struct

from gateway.normalise.lexicon import AMBIGUOUS, Lexicon
from gateway.terminology.vocabulary import Name

#: Numbers of approval in RxNorm's names, and counts of a pack.
_APPLICATION = re.compile(r"(?:nda|anda|bla|x)\d+")
_SIGNS = frozenset("/+&,[]()%")
#: A supplier's name before its legal form has at most so many words.
_SUPPLIER_WORDS = 5


class Hit(Struct):
    """A name at words `start` to `end` of the text; `bracket` is whether it stood in square brackets."""

    start: int
    end: int
    name: Name
    bracket: bool = False


class Words(Struct):
    """A text as words, with the hits among them and what else stands there.

    `forms` are keys of `Vocabulary.forms` with their length in words, `unknown` the places of words nobody knows, in
    square brackets at the end (a brand, by RxNorm's custom) where `branded` says so; `told` the places of words that
    say form, release or presentation.
    """

    words: list[str]
    commas: set[int]
    hits: list[Hit]
    forms: list[tuple[int, int, str]]
    release: str | None
    solid_release: str | None
    release_hours: int | None
    presentation: tuple[str, ...]
    unknown: list[int]
    told: frozenset[int]
    branded: bool = False


def find(words: list[str], commas: set[int], lexicon: Lexicon) -> Words:
    """Names first (longest wins), then forms and release, then words that may stand there; the rest is unknown."""
    if "(" in words:
        words, commas = _without_companies(words, commas, lexicon)
    total = len(words)
    taken = [False] * total
    starts = lexicon.starts
    places = [n for n, word in enumerate(words) if word in starts]
    depth = _brackets(words) if "(" in words or "[" in words else None
    named = lexicon.names.find(words, taken, places)
    hits = [
        Hit(start, end, name, bracket=depth is not None and depth[start] == "[")
        for start, end, name in named
        if name.kind != AMBIGUOUS
    ]
    torn = [n for start, end, name in named if name.kind == AMBIGUOUS for n in range(start, end)]
    aside = [n for h in hits if h.name.kind == "appliance" for n in range(h.start, h.end)]
    for n in aside:  # a syringe is an appliance, a pre-filled syringe a form
        taken[n] = False
    presentation = lexicon.presentation.find(words, list(taken), places)
    hours = lexicon.hours.find(words, [False] * total, places)
    forms = lexicon.forms.find(words, taken, places)
    releases = lexicon.releases.find(words, taken, places)
    solid = lexicon.solid_releases.find(words, list(taken), places)
    for n in aside:
        taken[n] = True
    harmless = lexicon.harmless
    unknown = [
        n
        for n, word in enumerate(words)
        if not taken[n]
        and word not in _SIGNS
        and word not in harmless.words
        and (len(word) > 1 or not word.isascii())
        and any(c.isalpha() for c in word)
        and _APPLICATION.fullmatch(word) is None
        and not lexicon.is_unit(word)
    ]
    unknown = sorted(unknown + torn)
    found = Words(
        words=words,
        commas=commas,
        hits=hits,
        forms=forms,
        release=releases[0][2] if releases else None,
        solid_release=solid[0][2] if solid else None,
        release_hours=hours[0][2] if hours else None,
        presentation=tuple(sorted({meaning for _, _, meaning in presentation})),
        unknown=unknown,
        told=frozenset(n for start, end, _ in (*forms, *releases, *presentation) for n in range(start, end)),
    )
    if unknown and hits:
        _excuse(found, taken, depth, lexicon)
    found.unknown += _lone_letters(found)
    return found


def _lone_letters(found: Words) -> list[int]:
    """A letter right beside a generic name makes another substance of it: d-ibuprofen, s-atenolol, neomycin E."""
    words = found.words
    return [
        n
        for hit in found.hits
        if hit.name.kind != "brand"
        for n in (hit.start - 1, hit.end)
        if 0 <= n < len(words) and len(words[n]) == 1 and words[n].isalpha() and words[n] != "x"
        if (n != hit.start - 1 or words[n] != "a")
        and n not in found.told
        and not any(h.start <= n < h.end for h in found.hits)
    ]


def _excuse(found: Words, taken: list[bool], depth: list[str] | None, lexicon: Lexicon) -> None:
    """Take from `unknown` what belongs to a supplier, joins two names, or is a brand at the end in square brackets."""
    words, harmless = found.words, lexicon.harmless
    between = range(found.hits[0].end, found.hits[-1].start)
    first, last = _supplier_to(found, lexicon), _supplier_from(found, taken, lexicon)
    brands = {h.start for h in found.hits if h.name.kind == "brand"}
    made_by = _suppliers_behind(found, lexicon)
    left = [
        n
        for n in found.unknown
        if first <= n < last
        and n not in made_by
        and words[n - 1] != "size"
        and not (words[n] in harmless.before_brand and n + 1 in brands)
        and not (n in between and words[n] in harmless.joins)
        and not (depth is not None and depth[n] == "(" and _company(words, n, lexicon))
    ]
    if depth is not None and left and words[-1] == "]":
        start = max(n for n, word in enumerate(words) if word == "[")
        if all(n > start for n in left) and found.hits[-1].end <= start:
            found.branded = True
            left = []
    found.unknown = left


def _supplier_from(found: Words, taken: list[bool], lexicon: Lexicon) -> int:
    """Where the name of a supplier at the end of the text begins: one we know, or words before a legal form."""
    words = found.words
    total = len(words)
    for n in found.unknown:
        if n >= found.hits[0].end and " ".join(words[n:]) in lexicon.suppliers:
            return n
    if words[-1] not in lexicon.harmless.legal_forms:
        return total
    start = total - 1
    while start > found.hits[-1].end and total - start <= _SUPPLIER_WORDS and not taken[start - 1]:
        if words[start - 1] in _SIGNS and words[start - 1] not in "&,":
            break
        start -= 1
    return start


def _suppliers_behind(found: Words, lexicon: Lexicon) -> set[int]:
    """Words of a known supplier right behind a name: "Gabapentin STADA 300mg"."""
    places: set[int] = set()
    for hit in found.hits:
        for end in range(hit.end + 1, min(hit.end + 4, len(found.words) + 1)):
            if " ".join(found.words[hit.end : end]) in lexicon.suppliers:
                places |= set(range(hit.end, end))
    return places


def _supplier_to(found: Words, lexicon: Lexicon) -> int:
    """Where the name of a supplier ends that stands before the medicine's: "Boots Aspirin"."""
    ends = range(found.hits[0].start, 0, -1)
    return next((end for end in ends if " ".join(found.words[:end]) in lexicon.suppliers), 0)


def _without_companies(words: list[str], commas: set[int], lexicon: Lexicon) -> tuple[list[str], set[int]]:
    """Drop each round bracket that holds a legal form (Ltd, plc): a supplier, whatever else its name says.

    And one that begins with "previously": the name under which the same product was sold.
    """
    legal, former = lexicon.harmless.legal_forms, lexicon.harmless.formerly
    if legal.isdisjoint(words) and former.isdisjoint(words):
        return words, commas
    dropped = [False] * len(words)
    open_: list[int] = []
    for n, word in enumerate(words):
        if word == "(":
            open_.append(n)
        elif open_ and (word in legal or (word in former and words[n - 1] == "(")):
            dropped[open_[0]] = True
        elif word == ")" and open_:
            start = open_.pop()
            if not open_ and dropped[start]:
                dropped[start : n + 1] = [True] * (n + 1 - start)
    if open_ and dropped[open_[0]]:
        dropped[open_[0] :] = [True] * (len(words) - open_[0])
    places = [n for n, drop in enumerate(dropped) if not drop]
    return [words[n] for n in places], {new for new, old in enumerate(places) if old in commas}


def _brackets(words: list[str]) -> list[str]:
    """For each word the innermost bracket it stands in, or an empty string."""
    open_, inside = [], []
    for word in words:
        if word in "([":
            open_.append(word)
        inside.append(open_[-1] if open_ else "")
        if word in ")]" and open_:
            open_.pop()
    return inside


def _company(words: list[str], n: int, lexicon: Lexicon) -> bool:
    """Whether the round bracket around word `n` names a supplier: it holds a company word, or is one we know."""
    start = max(i for i in range(n + 1) if words[i] == "(")
    end = next((i for i in range(n, len(words)) if words[i] == ")"), len(words))
    inside = words[start + 1 : end]
    return any(w in lexicon.harmless.company for w in inside) or " ".join(inside) in lexicon.suppliers
