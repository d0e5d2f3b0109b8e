"""The words of dosage instructions as patterns, built once from mappings/matching/dose_words.yaml."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir, read_once
from gateway.terminology.vocabulary import Vocabulary


class DoseWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words and phrases in lower case; see the comments in the file."""

    block: str
    source: str
    review: dict[str, str | None]
    numbers: dict[str, str]
    times_words: dict[str, str]
    period_units: dict[str, str]
    frequency_words: dict[str, tuple[int, int, str]]
    when_words: dict[str, tuple[str, ...]]
    parts_of_the_day: tuple[str, ...]
    slots: dict[str, str]
    days: dict[str, tuple[str, ...]]
    as_needed: tuple[str, ...]
    once_only: tuple[str, ...]
    maximum: tuple[str, ...]
    routes: dict[str, str]
    verbs: tuple[str, ...]
    harmless: tuple[str, ...]
    stays_text: tuple[str, ...]


class Lexicon(msgspec.Struct, frozen=True):
    """Tables and pattern fragments; `quantity` reads a number or a range, `units` a dose unit."""

    words: DoseWords
    number: str
    quantity: str
    units: str
    unit_words: dict[str, str]
    when: dict[str, str]
    days: dict[str, str]
    numbers: dict[str, Decimal]


#: Dose units: what is counted when a dose is taken, and what is measured.
_MEASURED = {"mg", "g", "microgram", "nanogram", "ml", "litre", "unit", "mmol", "cm", "%"}


@read_once
def load_dose_words(mappings: Path | None = None) -> DoseWords:
    """Raises KnowledgeError where the file does not fit its schema."""
    path = (mappings or mappings_dir()) / "matching" / "dose_words.yaml"
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), DoseWords)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/matching/dose_words.yaml: {error}") from None


_LEXICONS: dict[str, Lexicon] = {}


def lexicon(vocabulary: Vocabulary) -> Lexicon:
    """Built once for a vocabulary: the dose units are the vocabulary's."""
    found = _LEXICONS.get(vocabulary.version)
    if found is None:
        found = _LEXICONS[vocabulary.version] = _build(vocabulary)
    return found


def _build(vocabulary: Vocabulary) -> Lexicon:
    words = load_dose_words()
    numbers = {w: Decimal(n) for w, n in words.numbers.items()}
    spoken = any_of(n for n in numbers if n not in {"a", "an"})
    number = rf"(?:\d+\s*/\s*\d+|\d+(?:\.\d+)?\s*½|\d[\d,]*(?:\.\d+)?|\.\d+|(?:{spoken})(?![a-z]))"
    units = {
        w: u
        for w, u in vocabulary.unit_words.items()
        if (u in _MEASURED or not (vocabulary.units[u].dimension))
        and re.search(r"[a-z]", w)
        and w not in {"l", "u", "h"}
    }
    return Lexicon(
        words=words,
        number=number,
        quantity=rf"(?:{number}(?:\s*(?:-|–|to|or)\s*{number})?)",
        units=any_of(units),
        unit_words=units,
        when={w: code for code, ws in words.when_words.items() for w in ws},
        days={w: day for day, ws in words.days.items() for w in ws},
        numbers=numbers,
    )


def any_of(words: Iterable[str]) -> str:
    """An alternation, longest first, in which a space stands for any run of spaces."""
    return "|".join(re.escape(w).replace(r"\ ", r"\s+") for w in sorted(set(words), key=lambda w: (-len(w), w)))


@lru_cache(maxsize=4096)
def value_of(text: str, numbers: tuple[tuple[str, Decimal], ...]) -> Decimal | None:
    """A number as written in digits, as a fraction, or in words; None where it is none."""
    one = " ".join(text.split())
    spoken = dict(numbers).get(one)
    if spoken is not None:
        return spoken
    if "½" in one:
        whole = one.replace("½", "").strip()
        return Decimal(whole or 0) + Decimal("0.5")
    if "/" in one:
        top, bottom = (Decimal(part) for part in one.split("/"))
        if not bottom:
            return None
        fraction = top / bottom
        return fraction if len(format(fraction.normalize(), "f")) < 8 else None
    if len(one) > 12:
        return None
    return Decimal(format(Decimal(one.replace(",", "")).normalize(), "f"))
