"""Misspellings of a name, none of which is a name itself."""

from __future__ import annotations

import random
import string

SHORTEST = 7


def one_edit(chance: random.Random, word: str) -> str:
    """One letter more, less, other, or two neighbours swapped; the first letter stays, as in most slips."""
    at = chance.randrange(1, len(word))
    letter = chance.choice(string.ascii_lowercase)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + letter + word[at:]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2 or at == len(word) - 1:
        return word[:at] + letter + word[at + 1 :]
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def spoil(chance: random.Random, name: str, fault: str, names: frozenset[str]) -> str | None:
    """`name` with its longest word spoilt; None where it is too short, unchanged, or has become another name.

    `fault`: misspelt, misspelt-twice, truncated.
    """
    word = max(name.split(), key=len)
    if len(word) < SHORTEST or not word.isalpha():
        return None
    if fault == "truncated":
        bad = word[: chance.randrange(5, len(word) - 1)]
    else:
        bad = one_edit(chance, word)
        if fault == "misspelt-twice":
            bad = one_edit(chance, bad)
    spoilt = name.replace(word, bad, 1)
    return None if bad.lower() == word.lower() or spoilt.lower() in names or bad.lower() in names else spoilt
