"""One way of writing for every text: letters, hyphens and slashes folded, then cut into words.

What a reader of the screen would see differently from what is stored (text direction overrides) is not read at all.
"""

from __future__ import annotations

import re
import unicodedata

from msgspec import Struct

#: A name longer than this is read no further; it is kept whole. The longest name in dm+d has 251 characters.
READ_AT_MOST = 1_000

_SIGNS = str.maketrans(
    {
        **dict.fromkeys("®©™℠\u00ad\u200b\u200c\u200d\ufeff'’‘´`", None),
        **dict.fromkeys("µμ", "u"),
        **dict.fromkeys("‐‑‒–—−", "-"),
        **dict.fromkeys("×", "x"),
        "⁄": "/",
        ";": "/",
    }
)
_TURNS_TEXT = re.compile("[\u202a-\u202e\u2066-\u2069\u200e\u200f]")
#: 5-10 and 30mg-500mg are two amounts; co-amoxiclav and alfa-2b are words.
_TWO_AMOUNTS = re.compile(r"(?<=\d|%)-(?=\d)|(?<=\dm[gl])-(?=\d)|(?<=\dmcg)-(?=\d)|(?<=\dg)-(?=\d)")
#: m/r, e/c, s/f; and one form for several organs (ear/eye/nose drops).
_ONE_WORD = re.compile(r"(?<![^\W_])([^\W\d_])/([^\W\d_])(?![^\W_])|(?<=ear|eye|ose)\s*/\s*(?=ear|eye|nose)")
#: The four letters that the FDA puts behind a biological product's name: adalimumab-atto is adalimumab.
_SUFFIX = re.compile(r"(?<=[a-z])((?:mab|cept|stim|alfa|ase|glargine|aspart))-[a-z]{4}(?![^\W_])")
#: A number that a hyphen joins to a word names another substance: 21-hydroxyprogesterone, collagenase-2.
_LOCANT = re.compile(r"(?<![^\W_])\d[\d,.]*-([^\W\d_]+)|([^\W\d_]+)-\d+(?![\d.]*\s*[^\W_%])(?!%)")
_UNITS = re.compile(r"(?<=[\d\s])i\.\s?[ue]\.")
_TOKENS = re.compile(r"((?:\d+(?:[.,]\d+)*|(?<!\w)\.\d+))([^\W\d_]+|%)?(?![^\W_])|([^\W_]+)|([%/+&,\[\]()])")


class Tokens(Struct):
    """Words of a text in order; `numbers` of those that are a number, with what was written onto it (500 and mg)."""

    words: list[str]
    numbers: dict[int, tuple[str, str]]
    commas: set[int]


def fold(text: str) -> str | None:
    """Lower case, plain letters and signs; None for a text whose direction is overridden."""
    text = text[:READ_AT_MOST]
    if not text.isascii():
        if _TURNS_TEXT.search(text):
            return None
        decomposed = unicodedata.normalize("NFKD", text.translate(_SIGNS))
        text = "".join(c for c in decomposed if not unicodedata.combining(c)).translate(_SIGNS)
    else:
        text = text.translate(_SIGNS)
    text = text.lower()
    if "-" in text:
        text = _TWO_AMOUNTS.sub("/", _SUFFIX.sub(r"\1", text)).replace("-", " ")
    if "/" in text:
        text = _ONE_WORD.sub(lambda m: f"{m[1]} {m[2]}" if m[1] else " ", text)
    return _UNITS.sub("iu", text) if "i." in text else text


def numbered_words(text: str) -> frozenset[str]:
    """Words, in lower case, that a hyphen joins to a number without a unit."""
    if "-" not in text:
        return frozenset()
    return frozenset(before or after for before, after in _LOCANT.findall(text[:READ_AT_MOST].lower()))


def tokens(folded: str) -> Tokens:
    """Commas are not words: `commas` holds the words that follow one, so that "insulin, regular, human" is a name."""
    words: list[str] = []
    numbers: dict[int, tuple[str, str]] = {}
    commas: set[int] = set()
    for number, tail, word, sign in _TOKENS.findall(folded):
        if number:
            numbers[len(words)] = (number, tail)
            words.append(number + tail)
        elif word:
            words.append(word)
        elif sign == ",":
            commas.add(len(words))
        else:
            words.append(sign)
    return Tokens(words, numbers, commas)
