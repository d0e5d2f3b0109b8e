"""Find every name in a text and account for every other word.

A known name beside a word nobody knows is not read: "foomycin hydrochlorothiazide" is not hydrochlorothiazide.
"""

from __future__ import annotations

import re

from msgspec import Struct

from gateway.normalise.knowledge import Harmless
from gateway.terminology.vocabulary import Name, Vocabulary

LONGEST = 8

#: A separator that joins ingredients, kept as a token of its own.
SEPARATOR = "/"

_TOKENS = re.compile(r"[a-z0-9%]+(?:\.[0-9]+)*|[/+&,\[\]()]")
_APPLICATION = re.compile(r"(?:nda|anda|bla)\d+")


class Hit(Struct, frozen=True):
    """A name at words `start` to `end` of the text; `bracket` is whether it stood in square brackets."""

    start: int
    end: int
    name: Name
    bracket: bool = False


class Words(Struct, frozen=True):
    """A text as words, with the hits among them and what else stands there."""

    words: tuple[str, ...]
    hits: tuple[Hit, ...]
    form: str | None
    release: str | None
    release_hours: int | None
    unknown: tuple[int, ...]


def tokens(text: str) -> tuple[str, ...]:
    return tuple(_TOKENS.findall(text))


def find(words: tuple[str, ...], vocabulary: Vocabulary, harmless: Harmless) -> Words:
    """Names first (longest wins), then forms and release, then words that may stand there; the rest is unknown."""
    taken = [False] * len(words)
    depth = _brackets(words)
    hits = tuple(
        Hit(start, end, vocabulary.names[key], bracket=depth[start] == "[")
        for start, end, key in _longest(words, vocabulary.names, taken)
    )
    forms = _longest(words, vocabulary.form_words, taken)
    releases = _longest(words, vocabulary.release_words, taken)
    hours = _longest(words, vocabulary.release_hours, [False] * len(words))
    form = max(forms, key=lambda f: (f[1] - f[0], -f[0]), default=None)
    release = vocabulary.release_words[releases[0][2]] if releases else None
    unknown = [n for n, word in enumerate(words) if not taken[n] and not _harmless(word, harmless)]
    return Words(
        words=words,
        hits=hits,
        form=vocabulary.form_words[form[2]] if form else None,
        release=release,
        release_hours=vocabulary.release_hours[hours[0][2]] if hours else None,
        unknown=tuple(n for n in unknown if not _company(words, n, depth, vocabulary, harmless)),
    )


def _longest(words: tuple[str, ...], table: object, taken: list[bool]) -> list[tuple[int, int, str]]:
    """Non-overlapping n-grams of `words` that stand in `table`, longest at each place; marks them taken."""
    found = []
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + LONGEST), at, -1):
            key = " ".join(words[at:end])
            if key in table and not any(taken[at:end]):  # type: ignore[operator]
                found.append((at, end, key))
                taken[at:end] = [True] * (end - at)
                at = end
                break
        else:
            at += 1
    return found


def _brackets(words: tuple[str, ...]) -> list[str]:
    """For each word the innermost bracket it stands in, or an empty string."""
    open_, inside = [], []
    for word in words:
        if word in "([":
            open_.append(word)
        inside.append(open_[-1] if open_ else "")
        if word in ")]" and open_:
            open_.pop()
    return inside


def _harmless(word: str, harmless: Harmless) -> bool:
    return (
        word in "/+&,[]()"
        or not any(c.isalpha() for c in word)
        or len(word) == 1
        or word in harmless.words
        or _APPLICATION.fullmatch(word) is not None
    )


def _company(words: tuple[str, ...], n: int, depth: list[str], vocabulary: Vocabulary, harmless: Harmless) -> bool:
    """Whether word `n` belongs to a supplier: in round brackets with a company word, or a known supplier at the end."""
    if depth[n] == "(":
        start = max(i for i in range(n + 1) if words[i] == "(")
        end = next((i for i in range(n, len(words)) if words[i] == ")"), len(words))
        inside = words[start + 1 : end]
        return any(w in harmless.company for w in inside) or " ".join(inside) in vocabulary.suppliers
    return " ".join(words[n:]) in vocabulary.suppliers or words[n] in vocabulary.suppliers
