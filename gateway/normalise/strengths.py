"""Strengths as written: 500mg, 0.5 g, 30mg/500mg, 30/500, 125mg/5ml, 100micrograms/dose, 100 units/ml, 1 %, 1 in 1000.

Volumes and counts that stand alone are packs or containers, not strengths: "3ml", "200 dose", "x 28".
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from gateway.normalise.fold import Tokens
from gateway.normalise.lexicon import Lexicon
from gateway.records.product import Strength

#: Dimensions whose value alone is a strength; a volume or a count alone is a pack.
STRONG = frozenset({"mass", "activity", "amount", "equivalents", "radioactivity"})
_VOLUME = "volume"
#: What a strength may be "per" beside volumes and times. Other counts (per tablet) say nothing beside the form.
_PER = frozenset({"dose", "g", "mg", "drop"})
#: One metered amount, whatever the device calls it.
_METERED = {"puff": "dose", "spray": "dose"}
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2}|(?<=^0,)\d+)")
_DOTTED_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:\.\d{3})*\.000")


class Found(Struct):
    """Strengths with the word where they stood, bare pairs (30/500), volumes alone, and the words without strengths."""

    strengths: list[tuple[int, Strength]]
    bare: tuple[Decimal, ...]
    volumes: list[tuple[Decimal, str]]
    words: list[str]
    commas: set[int]


class _Part(Struct):
    value: Decimal | None
    unit: str | None


def find_strengths(read: Tokens, lexicon: Lexicon) -> Found:
    """Read every strength; linear in the number of words. Each is replaced by a `/`, which joins what it parts."""
    if not read.numbers:
        return Found([], (), [], read.words, read.commas)
    found = Found([], (), [], [], set())
    at = 0
    total = len(read.words)
    while at < total:
        if at in read.commas:
            found.commas.add(len(found.words))
        before = (len(found.strengths), found.bare)
        end = _chain(read, at, lexicon, found) if at in read.numbers else at
        if end > at:
            if before != (len(found.strengths), found.bare):
                found.words.append("/")
            at = end
        elif at in read.numbers and lexicon.is_unit(read.numbers[at][1]):
            found.words += read.numbers[at]  # 28tablets
            at += 1
        else:
            found.words.append(read.words[at])
            at += 1
    return found


def _chain(read: Tokens, at: int, lexicon: Lexicon, found: Found) -> int:
    """Read amounts joined by `/` or "per" from word `at` on; returns where it ends, or `at` where it is no strength."""
    words = read.words
    first = _amount(read, at, lexicon)
    if first is None:
        return at
    part, end = first
    groups: list[tuple[list[_Part], _Part | None]] = []
    tops = [part]
    while end < len(words) and words[end] in {"/", "per", "in"}:
        following = _amount(read, end + 1, lexicon)
        unit, after = lexicon.unit_at(words, end + 1)
        if following and words[end] == "in" and not _below(following[0], lexicon):
            if part.unit is None and following[0].unit is None:
                return _one_in(part, following[0], following[1], found) or at
            break
        if following and tops and _below(following[0], lexicon):
            groups.append((tops, following[0]))
            tops, end = [], following[1]
        elif (
            following
            and following[0].unit is None
            and following[0].value == 1
            and _counted(words, following[1], lexicon)
        ):
            groups.append((tops, None))
            tops, end = [], following[1]
            break
        elif following and words[end] == "/":
            tops.append(following[0])
            end = following[1]
        elif following is None and unit and words[end] != "in" and tops and _below(_Part(None, unit), lexicon):
            groups.append((tops, _Part(None, _METERED.get(unit, unit))))
            tops, end = [], after
        else:
            break
    if tops:
        groups.append((tops, None))
    return end if _take(groups, lexicon, found) else at


def _counted(words: list[str], at: int, lexicon: Lexicon) -> bool:
    return at < len(words) and words[at] in lexicon.counts


def _one_in(top: _Part, bottom: _Part, end: int, found: Found) -> int:
    """1 in 1000 is one gram in 1,000 ml. Beside a written strength it says the same again, and is left out."""
    if top.value != 1 or not bottom.value or not 10 <= bottom.value <= 1_000_000:
        return 0
    if not found.strengths:
        value = _plain(Decimal(1000) / bottom.value)
        if value is not None:
            found.strengths.append((len(found.words), Strength(value, "mg", Decimal(1), "ml")))
    return end


def _take(groups: list[tuple[list[_Part], _Part | None]], lexicon: Lexicon, found: Found) -> bool:
    """Whether the chain was one of strengths, bare numbers or a volume; they are added to `found`."""
    parts = [p for tops, _ in groups for p in tops]
    if all(p.unit is None for p in parts):
        numbers = tuple(p.value for p in parts if p.value is not None)
        if len(numbers) > 1 and len(numbers) == len(parts) and all(below is None for _, below in groups):
            found.bare = numbers
            return True
        return False
    here = len(found.words)
    if len(parts) == 1 and (unit := parts[0].unit) and lexicon.dimension(unit) == _VOLUME:
        if parts[0].value:
            found.volumes.append((parts[0].value, unit))
        return True  # beside a time it is the speed of an infusion
    read: list[tuple[int, Strength]] = []
    for tops, below in groups:
        units = [p.unit for p in tops]
        for n, part in enumerate(tops):
            unit = part.unit or next((u for u in units[n:] if u), None) or next((u for u in reversed(units) if u), None)
            strong = unit is not None and (unit == "%" or lexicon.dimension(unit) in STRONG)
            if unit is None or not strong or not part.value:
                return False
            per_value, per_unit = _per(below)
            read.append((here, Strength(part.value, unit, per_value, per_unit)))
    found.strengths += read
    return True


def _per(below: _Part | None) -> tuple[Decimal | None, str | None]:
    if below is None:
        return None, None
    value = below.value or Decimal(1)
    return (value * 24, "hour") if below.unit == "day" else (value, below.unit)


def _below(part: _Part, lexicon: Lexicon) -> bool:
    """Whether an amount is what a strength is per: a volume, a time, a metered dose; a mass only without a number."""
    if part.unit is None:
        return False
    dimension = lexicon.dimension(part.unit)
    unit = _METERED.get(part.unit, part.unit)
    return dimension in {_VOLUME, "time"} or (unit in _PER and (part.value is None or dimension is None))


def _amount(read: Tokens, at: int, lexicon: Lexicon) -> tuple[_Part, int] | None:
    """A number with its unit, which may stand apart; None where no number stands, or one that belongs to a word."""
    written = read.numbers.get(at)
    if written is None:
        return None
    value = _number(written[0])
    tail = written[1]
    if value is None:
        return None
    if tail == "%" or (not tail and at + 1 < len(read.words) and read.words[at + 1] == "%"):
        return _Part(value, "%"), at + (1 if tail else 2)
    unit, end = lexicon.unit_at(read.words, at + 1, tail)
    if unit is None and tail:
        return None
    return _Part(value, _METERED.get(unit, unit) if unit else None), end


@lru_cache(maxsize=4_096)
def _number(text: str) -> Decimal | None:
    """Without exponent and trailing zeros. None for twenty digits, and where a dot could part thousands or decimals."""
    if len(text) >= 20:
        return None
    if "," in text:
        if _THOUSANDS.fullmatch(text):
            text = text.replace(",", "")
        elif decimal := _DECIMAL_COMMA.fullmatch(text):
            text = f"{decimal[1]}.{decimal[2]}"
        else:
            return None
    elif text.count(".") > 1 or _DOTTED_THOUSANDS.fullmatch(text):
        return None
    return _plain(Decimal(text))


def _plain(value: Decimal) -> Decimal | None:
    plain = format(value.normalize(), "f")
    return Decimal(plain) if len(plain) < 20 else None
