"""The words of dosage instructions, English and German, as one tree of phrases for each language."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.normalise.dose_tokens import tokens_of
from gateway.settings import mappings_dir, read_once
from gateway.terminology.vocabulary import Vocabulary


class DoseWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Words and phrases in lower case; see the comments in the file."""

    block: str
    source: str
    review: dict[str, str | None]
    language: str
    numbers: dict[str, str]
    times_words: dict[str, str]
    period_units: dict[str, str]
    frequency_words: dict[str, tuple[int, int, str]]
    when_words: dict[str, tuple[str, ...]]
    days: dict[str, tuple[str, ...]]
    as_needed: tuple[str, ...]
    once_only: tuple[str, ...]
    maximum: tuple[str, ...]
    routes: dict[str, str]
    verbs: tuple[str, ...]
    harmless: tuple[str, ...]
    safety: tuple[str, ...]
    stays_text: tuple[str, ...]
    grammar: dict[str, tuple[str, ...]]
    endings: tuple[str, ...]
    markers: tuple[str, ...] = ()
    months: dict[str, str] = {}
    articles: tuple[str, ...] = ()
    parts_of_the_day: tuple[str, ...] = ()
    slots: dict[str, str] = {}
    meals: dict[str, tuple[str, ...]] = {}
    counted_meals: tuple[str, ...] = ()
    day_sets: dict[str, tuple[str, ...]] = {}
    maximum_daily: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    apart_after: tuple[str, ...] = ()
    adjectives: tuple[str, ...] = ()
    units: dict[str, str] = {}
    spoons: dict[str, str] = {}
    same_time: dict[str, str] = {}
    advice: tuple[str, ...] = ()
    advice_joints: tuple[str, ...] = ()
    meal_relations: frozenset[str] = frozenset()
    measured_units: frozenset[str] = frozenset()
    lengths: frozenset[str] = frozenset()
    holders: frozenset[str] = frozenset()


#: A node of the tree: the next token leads on; the empty token holds what the phrase that ends here means.
Node = dict[str, Any]

#: In the tree for any number in digits; the files write it "#".
ANY_NUMBER = "\0"


class Language(msgspec.Struct, frozen=True):
    """`root` is the tree; `safety` are words that no reason and no advice may hold."""

    words: DoseWords
    root: Node
    safety: frozenset[str]
    decimal_comma: bool


class Lexicon(msgspec.Struct, frozen=True):
    """Both languages. A text with a German marker is read as German; slots are HL7's and hold for both."""

    english: Language
    german: Language
    markers: frozenset[str]
    parts_of_the_day: frozenset[str]
    slots: dict[str, str]


@read_once
def load_dose_words(mappings: Path | None = None, name: str = "dose_words.yaml") -> DoseWords:
    """Raises KnowledgeError where the file does not fit its schema."""
    path = (mappings or mappings_dir()) / "matching" / name
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), DoseWords)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/matching/{name}: {error}") from None


def build_lexicon(vocabulary: Vocabulary) -> Lexicon:
    """The dose units are the vocabulary's."""
    english, german = load_dose_words(), load_dose_words(name="dose_words_de.yaml")
    return Lexicon(
        english=_language(english, vocabulary),
        german=_language(german, vocabulary),
        markers=frozenset(german.markers),
        parts_of_the_day=frozenset(english.parts_of_the_day),
        slots=english.slots,
    )


def _language(words: DoseWords, vocabulary: Vocabulary) -> Language:
    root: Node = {}
    comma = words.language == "de"
    for phrase, kind, value in _entries(words):
        _add(root, phrase, kind, value, decimal_comma=comma)
    for phrase, unit in _units(vocabulary, load_dose_words()).items():
        _add(root, phrase, "unit", unit, decimal_comma=comma)
    for phrase, unit in words.units.items():
        _add(root, phrase, "unit", unit or None, decimal_comma=comma)
    return Language(words, root, frozenset(words.safety), comma)


@cache
def measured_units() -> frozenset[str]:
    """Units of a dose that is measured, not counted; the same in every language."""
    return load_dose_words().measured_units


@cache
def meal_relations() -> frozenset[str]:
    """Codes that say before, after or with food: no time of the day by themselves."""
    return load_dose_words().meal_relations


@cache
def holders() -> frozenset[str]:
    """Words behind a mass that make it the strength of a thing."""
    return load_dose_words().holders


def _units(vocabulary: Vocabulary, words: DoseWords) -> dict[str, str]:
    """Written units of a dose; measures that are none of its units (hours, percent) are left out."""
    measured = words.measured_units | words.lengths
    found = {
        word: unit
        for word, unit in vocabulary.unit_words.items()
        if (unit in measured or not vocabulary.units[unit].dimension)
        and any("a" <= c <= "z" for c in word)
        and word not in {"l", "u", "h"}
    }
    return {**{f"{word}s": unit for word, unit in found.items() if "-" in word}, **found}


def _entries(words: DoseWords) -> list[tuple[str, str, object]]:
    """Every phrase with its kind and what it means."""
    found: list[tuple[str, str, object]] = []
    found += [(w, "number", Decimal(n)) for w, n in words.numbers.items()]
    found += [(w, "spoon", Decimal(n)) for w, n in words.spoons.items()]
    found += [(w, "same_time", unit) for w, unit in words.same_time.items()]
    found += [(w, "month", int(n)) for w, n in words.months.items()]
    found += [(w, "times_word", int(n)) for w, n in words.times_words.items()]
    found += [
        (w, "period", (Decimal(2), "wk") if u == "2wk" else (Decimal(1), u)) for w, u in words.period_units.items()
    ]
    found += [(w, "frequency", f) for w, f in words.frequency_words.items()]
    counted = frozenset(words.counted_meals)
    found += [(w, "when", (code, w in counted)) for code, ws in words.when_words.items() for w in ws]
    found += [(w, "meal", letter) for letter, ws in words.meals.items() for w in ws]
    found += [(w, "day", (day,)) for day, ws in words.days.items() for w in ws]
    found += [(w, "day", days) for w, days in words.day_sets.items()]
    found += [(w, "route", route) for w, route in words.routes.items()]
    lists = {
        "article": words.articles,
        "as_needed": words.as_needed,
        "once": words.once_only,
        "maximum": words.maximum,
        "maximum_daily": words.maximum_daily,
        "apart": words.apart,
        "apart_after": words.apart_after,
        "verb": words.verbs,
        "adjective": words.adjectives,
        "harmless": words.harmless,
        "advice": words.advice,
        "advice_joint": words.advice_joints,
        "stays_text": words.stays_text,
        "ending": words.endings,
    }
    found += [(w, kind, w) for kind, ws in (*lists.items(), *words.grammar.items()) for w in ws]
    return found


def _add(root: Node, phrase: str, kind: str, value: object, *, decimal_comma: bool) -> None:
    node = root
    for word in tokens_of(phrase, decimal_comma=decimal_comma):
        node = node.setdefault(ANY_NUMBER if word == "#" else word, {})
    if node is not root:
        node.setdefault("", {})[kind] = value
