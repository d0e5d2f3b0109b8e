"""Strengths as written: 500mg, 0.5 g, 30mg/500mg, 30/500, 125mg/5ml, 100micrograms/dose, 100 units/ml, 1 %.

Volumes and counts that stand alone are packs, not strengths: "3ml", "200 dose", "x 28".
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from gateway.records.product import Strength
from gateway.terminology.vocabulary import Vocabulary

#: Dimensions whose value alone is a strength; a volume or a count alone is a pack.
_STRONG = {"mass", "activity", "amount"}
_PER = {
    "ml",
    "litre",
    "microlitre",
    "dose",
    "puff",
    "spray",
    "drop",
    "hour",
    "g",
    "mg",
    "patch",
    "sachet",
    "vial",
    "ampoule",
}

_NUMBER = r"(?:\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?|\.\d+)"


class Found(Struct, frozen=True):
    """Strengths with where they stood in the text, and the text with them taken out."""

    strengths: tuple[tuple[int, Strength], ...]
    bare: tuple[Decimal, ...]
    rest: str


class _Part(Struct, frozen=True):
    value: Decimal | None
    unit: str | None


@lru_cache(maxsize=8)
def _patterns(words: tuple[tuple[str, str], ...]) -> tuple[re.Pattern[str], re.Pattern[str], dict[str, str]]:
    table = dict(words)
    units = "|".join(re.escape(w) for w in sorted(table, key=len, reverse=True))
    part = rf"(?:{_NUMBER}\s*(?:(?:{units})(?![a-z0-9]))?|(?:{units})(?![a-z0-9]))"
    chain = re.compile(rf"(?<![a-z0-9.]){_NUMBER}\s*(?:(?:{units})(?![a-z0-9]))?(?:\s*(?:/|\bper\b|\bin\b)\s*{part})*")
    single = re.compile(rf"(?P<n>{_NUMBER})?\s*(?P<u>(?:{units})(?![a-z0-9]))?")
    return chain, single, table


def find_strengths(text: str, vocabulary: Vocabulary) -> Found:
    """Read every strength in lower-case `text`; linear in its length."""
    wanted = {u for u, unit in vocabulary.units.items() if unit.dimension or u in _PER or u == "%"}
    words = tuple(sorted((w, u) for w, u in vocabulary.unit_words.items() if u in wanted and w))
    chain, single, table = _patterns(words)
    strengths: list[tuple[int, Strength]] = []
    bare: list[Decimal] = []
    rest: list[str] = []
    at = 0
    for match in chain.finditer(text):
        parts = [_part(p, single, table) for p in re.split(r"\s*(?:/|\bper\b|\bin\b)\s*", match.group())]
        read, numbers = _read([p for p in parts if p], vocabulary)
        strengths += [(match.start(), s) for s in read]
        bare += numbers
        rest += [text[at : match.start()], " / " if read or numbers else " "]
        at = match.end()
    rest.append(text[at:])
    return Found(tuple(strengths), tuple(bare), "".join(rest))


def _part(text: str, single: re.Pattern[str], table: dict[str, str]) -> _Part | None:
    found = single.fullmatch(text.strip())
    if not found or not (found["n"] or found["u"]):
        return None
    return _Part(_number(found["n"]) if found["n"] else None, table[found["u"]] if found["u"] else None)


def _number(text: str) -> Decimal | None:
    """Without exponent and trailing zeros; a number of twenty digits is no strength."""
    if len(text) >= 20:
        return None
    return Decimal(format(Decimal(text.replace(",", "")).normalize(), "f"))


def _read(parts: list[_Part], vocabulary: Vocabulary) -> tuple[list[Strength], list[Decimal]]:
    """Strengths of one chain of parts; a chain of bare numbers (30/500) comes back as numbers."""
    if not parts:
        return [], []
    per, tops = _denominator(parts, vocabulary)
    if all(p.unit is None for p in tops):
        numbers = [p.value for p in tops if p.value is not None]
        return [], numbers if len(numbers) > 1 else []
    units = [p.unit for p in tops]
    found = []
    for n, part in enumerate(tops):
        unit = part.unit or next((u for u in units[n:] if u), None) or next(u for u in reversed(units) if u)
        known = vocabulary.units.get(unit)
        strong = unit == "%" or (known is not None and known.dimension in _STRONG)
        if not strong or part.value is None or part.value <= 0:
            return [], []
        found.append(
            Strength(
                value=part.value,
                unit=unit,
                per_value=(per.value or Decimal(1)) if per else None,
                per_unit=per.unit if per else None,
            )
        )
    return found, []


def _denominator(parts: list[_Part], vocabulary: Vocabulary) -> tuple[_Part | None, list[_Part]]:
    """The last part is a denominator when it has no number, or is no mass (5mg/5ml, 30mg/500mg)."""
    last = parts[-1]
    if len(parts) < 2 or last.unit not in _PER:
        return None, parts
    known = vocabulary.units.get(last.unit)
    if last.value is None or known is None or known.dimension not in _STRONG:
        return last, parts[:-1]
    return None, parts
