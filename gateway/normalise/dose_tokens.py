"""An instruction as words, numbers and signs, folded to one way of writing."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = str.maketrans(
    {
        "½": " ½ ",
        "¼": " ¼ ",
        "¾": " ¾ ",
        "’": "'",
        "‘": "'",
        "\u2010": "-",
        "\u2011": "-",
        "\u2012": "-",
        "\u2013": "-",
        "\u2014": "-",
        "\u2212": "-",
        "µ": "u",
        "μ": "u",
        "×": "x",
    }
)
_PLURAL = re.compile(r"\(s\)|\(es\)")
_WORD = r"[^\W\d_]+(?:'[^\W\d_]+)?|[½¼¾]|[^\w\s]|_"
_ENGLISH = re.compile(rf"\d{{1,3}}(?:,\d{{3}})+(?![\d,])|\d+(?:\.\d+)?|\.\d+|{_WORD}")
_GERMAN = re.compile(rf"\d+(?:[.,]\d+)?|{_WORD}")
#: "bidx10 days", "dailyx5 days"
_GLUED = re.compile(r"(?<=[a-z])(?<!ma)x(?=\s?\d+\s*(?:d|days?|wk|weeks?|nights?|months?)\b)")
#: "tidprnas needed", "bidprnfor pain"
_GLUED_NEED = re.compile(r"(?<=[a-z])prn(?=as needed|for|[ ,.]|$)|\bprn(?=as needed|for)")


def fold(text: str) -> str:
    """Lower case, one kind of dash and quote, single spaces."""
    signs = text.translate(_SIGNS)
    if not signs.isascii():
        signs = "".join(
            c if c in "½¼¾" else unicodedata.normalize("NFKC", c) for c in unicodedata.normalize("NFC", signs)
        )
    plain = " ".join(signs.lower().split())
    if "(" in plain:
        plain = _PLURAL.sub("s", plain)
    if "prn" in plain:
        plain = _GLUED_NEED.sub(" prn ", plain)
    return _GLUED.sub(" x ", plain) if "x" in plain else plain


def tokens_of(folded: str, *, decimal_comma: bool = False) -> list[str]:
    return [m.group() for m in spans_of(folded, decimal_comma=decimal_comma)]


def spans_of(folded: str, *, decimal_comma: bool = False) -> list[re.Match[str]]:
    """Tokens with their places; no character but white space is left out."""
    return list((_GERMAN if decimal_comma else _ENGLISH).finditer(folded))
