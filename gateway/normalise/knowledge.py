"""What reading products is told by mappings/matching/: harmless words, joins, limits of correction."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import msgspec
import yaml

from gateway.errors import KnowledgeError
from gateway.settings import mappings_dir, read_once

T = TypeVar("T")


class ProductWords(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    harmless: str
    harmless_in_brackets: str
    legal_forms: str
    formerly: str
    plain_salts: str
    minerals: str
    brand_suffixes: str
    before_brand: str
    joins: tuple[str, ...]
    refused: str
    diluents: tuple[str, ...]
    sized_forms: tuple[str, ...]
    general_forms: tuple[str, ...]
    sold_by_weight: tuple[str, ...]
    presentation: dict[str, tuple[str, ...]]
    insulin_mixes: dict[str, int]


class Clear(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Edits within which no other name may stand: any other, and one that is confusable with what is read."""

    others: int
    confusable: int


class ClearOf(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """By kind of slip; `doubtful` ones are of generic names."""

    same_letters: Clear
    one_letter: Clear
    doubtful: Clear
    brand: Clear


class Spelling(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`shortest_*` are counts of letters."""

    block: str
    source: str
    review: dict[str, str | None]
    shortest_word: int
    shortest_replaced: int
    shortest_sure: int
    shortest_brand: int
    shortest_other_first: int
    other_names: tuple[str, ...]
    clear_of: ClearOf


class Harmless(msgspec.Struct, frozen=True):
    """`presentation`: phrase -> what it says; `insulin_mixes`: brand -> percent of the fast part."""

    words: frozenset[str]
    company: frozenset[str]
    legal_forms: frozenset[str]
    formerly: frozenset[str]
    salts: frozenset[str]
    minerals: frozenset[str]
    joins: frozenset[str]
    brand_suffixes: frozenset[str]
    before_brand: frozenset[str]
    refused: frozenset[str]
    diluents: frozenset[str]
    sized_forms: frozenset[str]
    general_forms: frozenset[str]
    sold_by_weight: frozenset[str]
    presentation: dict[str, str]
    insulin_mixes: dict[str, int]


@read_once
def load_harmless(mappings: Path | None = None) -> Harmless:
    """Raises KnowledgeError where mappings/matching/product_words.yaml does not fit its schema."""
    read = _read("product_words.yaml", ProductWords, mappings)
    return Harmless(
        words=frozenset(read.harmless.split()),
        company=frozenset(read.harmless_in_brackets.split()) | frozenset(read.legal_forms.split()),
        legal_forms=frozenset(read.legal_forms.split()),
        formerly=frozenset(read.formerly.split()),
        salts=frozenset(read.plain_salts.split()),
        minerals=frozenset(read.minerals.split()),
        joins=frozenset(read.joins),
        brand_suffixes=frozenset(read.brand_suffixes.split()),
        before_brand=frozenset(read.before_brand.split()),
        refused=frozenset(read.refused.split()),
        diluents=frozenset(read.diluents),
        sized_forms=frozenset(read.sized_forms),
        general_forms=frozenset(read.general_forms),
        sold_by_weight=frozenset(read.sold_by_weight),
        presentation={phrase: said for said, phrases in read.presentation.items() for phrase in phrases},
        insulin_mixes=read.insulin_mixes,
    )


@read_once
def load_spelling(mappings: Path | None = None) -> Spelling:
    """Raises KnowledgeError where mappings/matching/spelling.yaml does not fit its schema."""
    return _read("spelling.yaml", Spelling, mappings)


def _read(name: str, shape: type[T], mappings: Path | None) -> T:
    path = (mappings or mappings_dir()) / "matching" / name
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), shape)
    except (OSError, yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"mappings/matching/{name}: {error}") from None
