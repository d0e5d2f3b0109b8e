"""A text while it is read: its tokens, the phrases that begin at each, and the numbers among them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from gateway.normalise.dose_tokens import spans_of
from gateway.normalise.dose_words import ANY_NUMBER, Language

_GLYPHS = {"½": Decimal("0.5"), "¼": Decimal("0.25"), "¾": Decimal("0.75")}
#: n/7 is days, n/52 weeks and n/12 months.
SHORT_DURATIONS = {"7": "d", "52": "wk", "12": "mo"}
_LONGEST_NUMBER = 10
#: "1.000" is one here and a thousand elsewhere.
_ENGLISH_OR_NOT = ".000"

Found = dict[str, tuple[Any, int]]

_NOTHING: Found = {}
_BEHIND = [""] * 8
_NONE_BEHIND = [False] * 8


class Scan:
    """Places are indices of tokens. `at` gives the longest phrase of a kind that begins at a place."""

    def __init__(self, folded: str, language: Language) -> None:
        matches = spans_of(folded, decimal_comma=language.decimal_comma)
        self.folded = folded
        self.language = language
        tokens = [m.group() for m in matches]
        self._places = [m.span() for m in matches]
        self.size = len(tokens)
        self._numeric = [t[0].isdecimal() or (t[0] == "." and len(t) > 1) for t in tokens]
        #: With empty tokens behind the last, so that looking ahead needs no check.
        self.tokens = tokens + _BEHIND
        self._numeric += _NONE_BEHIND
        self._found: list[Found | None] = [None] * self.size
        self._numbers: dict[int, tuple[Decimal, int] | None] = {}
        self._spans: dict[int, tuple[Decimal, Decimal, int] | None] = {}

    def token(self, i: int) -> str:
        return self.tokens[i]

    def numeric(self, i: int) -> bool:
        return self._numeric[i]

    def words(self, i: int, j: int) -> str:
        """The text from token `i` up to token `j`."""
        return self.folded[self._places[i][0] : self._places[j - 1][1]] if i < j else ""

    def kinds(self, i: int) -> Found:
        """Kind to (what it means, where it ends), the longest phrase of each kind."""
        if i >= self.size:
            return _NOTHING
        known = self._found[i]
        if known is not None:
            return known
        found: Found = {}
        # Nearly always one node is left; a phrase with any number in it may leave two.
        nodes = (self.language.root,)
        tokens, numeric = self.tokens, self._numeric
        for j in range(i, self.size):
            after = tuple(node[tokens[j]] for node in nodes if tokens[j] in node)
            if numeric[j]:
                after += tuple(node[ANY_NUMBER] for node in nodes if ANY_NUMBER in node)
            if not after:
                break
            for node in after:
                if "" in node:
                    for kind, value in node[""].items():
                        found[kind] = (value, j + 1)
            nodes = after
        self._found[i] = found
        return found

    def at(self, i: int, kind: str) -> tuple[Any, int] | None:
        found = self._found[i] if i < self.size else _NOTHING
        return (self.kinds(i) if found is None else found).get(kind)

    def skip(self, i: int, kind: str) -> int:
        """The place after one phrase of the kind, or the same place."""
        found = self.kinds(i).get(kind)
        return found[1] if found else i

    def digits(self, i: int) -> Decimal | None:
        """The value of one token in digits."""
        if not self._numeric[i]:
            return None
        token = self.tokens[i]
        if len(token) > _LONGEST_NUMBER or not token.isascii():
            return None
        if token.isdecimal():
            return Decimal(int(token))
        if token.endswith(_ENGLISH_OR_NOT):
            return None
        if not self.language.decimal_comma:
            return _plain(Decimal(token.replace(",", "")))
        whole, _, part = token.replace(",", ".").partition(".")
        if "." in token and len(part) == 3 and int(whole):
            return None
        return _plain(Decimal(f"{whole}.{part}" if part else whole))

    def number(self, i: int) -> tuple[Decimal, int] | None:
        """A number in digits, as a fraction or in words, and where it ends."""
        if i >= self.size:
            return None
        if i not in self._numbers:
            self._numbers[i] = self._number(i)
        return self._numbers[i]

    def _number(self, i: int) -> tuple[Decimal, int] | None:
        if not self._numeric[i]:
            spoken = self.kinds(i).get("number")
            return (spoken[0], spoken[1]) if spoken else None
        if self.token(i + 1) == "/" and self.numeric(i + 2):
            part = self._fraction(i)
            return (part, i + 3) if part is not None else None
        value = self.digits(i)
        if value is None:
            return None
        if self.token(i + 1) in _GLYPHS:
            return value + _GLYPHS[self.token(i + 1)], i + 2
        j = i + 2 if self.token(i + 1) == "and" else i + 1
        if self.numeric(j) and self.token(j + 1) == "/" and self.numeric(j + 2):
            part = self._fraction(j)
            if part is not None and value == value.to_integral_value():
                return value + part, j + 3
        if j == i + 2:
            half = self.kinds(j).get("number")
            if half and half[0] == Decimal("0.5"):
                return value + half[0], half[1]
        return value, i + 1

    def _fraction(self, i: int) -> Decimal | None:
        top, below = self.digits(i), self.tokens[i + 2]
        if top is None or below not in {"2", "3", "4", "8"} or not 0 < top < int(below):
            return None
        value = top / int(below)
        return value if len(format(value.normalize(), "f")) < 8 else None

    def said_twice(self, i: int, *, times: bool = False) -> tuple[Decimal, int] | None:
        """A number, also where it is written twice: "2 (two)", "four (4)"; "2 two" before "times" only if asked."""
        first = self.number(i)
        if first is None:
            return None
        value, j = first
        if self.token(j) == "(":
            again = self.number(j + 1)
            if again and again[0] == value and self.token(again[1]) == ")":
                return value, again[1] + 1
        elif self.numeric(i) != self.numeric(j):
            again = self.number(j)
            if again and again[0] == value and (times or not self.at(again[1], "times")):
                return value, again[1]
        return first

    def span(self, i: int) -> tuple[Decimal, Decimal, int] | None:
        """A number or a range, low before high. "1-2-3" and "3-1" are neither."""
        if i not in self._spans:
            self._spans[i] = self._span(i)
        return self._spans[i]

    def _span(self, i: int) -> tuple[Decimal, Decimal, int] | None:
        first = self.said_twice(i)
        if first is None:
            return None
        low, j = first
        joint = self.at(j, "between")
        if joint is None:
            return low, low, j
        second = self.said_twice(joint[1])
        if second is None:
            return low, low, j
        high, k = second
        mixed = joint[0] == "-" and self.numeric(i) != self.numeric(joint[1])
        if high <= low or mixed or (self.token(k) == "-" and self.numeric(k + 1)):
            return None
        return low, high, k


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))
