"""Read what is prescribed: ingredients, strengths, form, release, brand, from text and codings.

Nothing is ever read as another ingredient than written: where a word, a coding or an ingredient list does not fit, the
reader abstains and says why.
"""

from __future__ import annotations

import itertools
import unicodedata
from decimal import Decimal
from functools import lru_cache

import msgspec

from gateway.normalise.coded import read_coding
from gateway.normalise.knowledge import load_harmless
from gateway.normalise.names import Hit, Words, find, tokens
from gateway.normalise.product_parts import combine, with_written_ingredients
from gateway.normalise.spelling import correct
from gateway.normalise.strengths import Found, find_strengths
from gateway.records.as_written import Coding, WrittenMedicine
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary

#: A name longer than this is read no further; it is kept whole. The longest name in dm+d has 251 characters.
READ_AT_MOST = 1_000

_FORMS_SOLD_BY_WEIGHT = {"cream", "ointment", "gel", "lotion", "cutaneous solution", "vaginal cream", "rectal ointment"}


def read_product(medicine: WrittenMedicine, vocabulary: Vocabulary) -> Product:
    """Text, displays, codes of a loaded release and the ingredient list, read together; contradictions are reported."""
    concept = medicine.concept
    texts = list(dict.fromkeys(t for t in (concept.text, *sorted(c.display or "" for c in concept.codings)) if t))
    codes = tuple(
        sorted({Coding(system=c.system, code=c.code, display=c.display) for c in concept.codings if c.code}, key=_order)
    )
    readings = [(text, read_name(text, vocabulary)) for text in texts]
    coded = [read_coding(code, read_name, vocabulary) for code in codes] if vocabulary.release else []
    meant = [product for product, _ in coded if product]
    readings += [(product.name, product) for product in meant]
    product = combine(readings, bool(concept.text), concept.words or medicine.reference or "not stated")
    if product.understood and any(p.understood for p in meant):
        # The code says what it is, whatever way the text is spelt.
        product = msgspec.structs.replace(product, known_by="code", corrected=())
    product = with_written_ingredients(product, medicine, read_name, vocabulary)
    replaced = tuple(sorted({now for _, now in coded if now}, key=_order))
    return msgspec.structs.replace(product, codes=codes, replaced=replaced)


def _order(coding: Coding) -> tuple[str, str, str]:
    return (coding.system or "", coding.code or "", coding.display or "")


def read_name(text: str, vocabulary: Vocabulary) -> Product:
    """Read one written name. Never raises; a name that is not understood keeps its words and has no ingredients."""
    return _CACHE.read(text, vocabulary)


class _Cache:
    """Readings by text: names repeat, and a million entries hold a tenth as many texts."""

    def __init__(self) -> None:
        self._version = ""
        self._read = lru_cache(maxsize=50_000)(lambda text: Product(name=text))

    def read(self, text: str, vocabulary: Vocabulary) -> Product:
        if vocabulary.version != self._version:
            self._version = vocabulary.version
            self._read = lru_cache(maxsize=50_000)(lambda one: _read_name(one, vocabulary))
        return self._read(text)


_CACHE = _Cache()


def _read_name(text: str, vocabulary: Vocabulary) -> Product:
    folded = unicodedata.normalize("NFKD", text[:READ_AT_MOST].replace("µ", "u").replace("μ", "u"))
    lower = "".join(c for c in folded if not unicodedata.combining(c)).lower().replace("-", " ").replace("'", "")
    strengths = find_strengths(lower, vocabulary)
    harmless = load_harmless()
    words = find(tokens(strengths.rest), vocabulary, harmless)
    corrected: tuple[tuple[str, str], ...] = ()
    if words.unknown and not words.hits:
        words, corrected = _corrected(words, vocabulary)
    medicines = [h for h in words.hits if h.name.kind != "appliance"]
    if not medicines:
        return _appliance(text, words)
    ingredients, contradiction = _ingredients(medicines, words, vocabulary)
    if contradiction:
        return Product(name=text, contradictions=(contradiction,))
    if not ingredients or _unknown(words, ingredients, vocabulary) or _other_of_the_brand(medicines, words):
        return Product(name=text)
    return _product(text, words, medicines, ingredients, strengths, corrected, vocabulary)


def _corrected(words: Words, vocabulary: Vocabulary) -> tuple[Words, tuple[tuple[str, str], ...]]:
    """Correct one run of one to three words that holds an unknown word; the first that reads wins, longest first."""
    for length in (3, 2, 1):
        for start in range(len(words.words) - length + 1):
            if not any(start <= n < start + length for n in words.unknown):
                continue
            written = " ".join(words.words[start : start + length])
            winner = correct(written, vocabulary)
            if winner:
                again = (*words.words[:start], *winner.split(), *words.words[start + length :])
                return find(again, vocabulary, load_harmless()), ((written, winner),)
    return words, ()


def _appliance(text: str, words: Words) -> Product:
    """An appliance only where its name comes first: a medicine nobody knows may come "with needles"."""
    first = words.hits[0] if words.hits else None
    if first and first.start == 0:
        name = first.name.written
        return Product(name=text, ingredients=(name.lower(),), brand=name, known_by="name", appliance=True)
    return Product(name=text)


def _ingredients(hits: list[Hit], words: Words, vocabulary: Vocabulary) -> tuple[tuple[str, ...], str | None]:
    """Ingredients in the order written, or a contradiction. A brand must agree with the generic names beside it."""
    brands = [h for h in hits if h.name.kind == "brand"]
    generics = [h for h in hits if h.name.kind != "brand"]
    written = tuple(dict.fromkeys(i for h in generics for i in h.name.ingredients))
    for brand in brands:
        if written and set(written) != set(brand.name.ingredients):
            return (), f"{brand.name.written} is not a brand of {' and '.join(written)}"
        if set(brand.name.ingredients) != set(brands[0].name.ingredients):
            return (), f"{brands[0].name.written} and {brand.name.written} are brands of different medicines"
    if not written:
        return brands[0].name.ingredients, None
    if len(generics) > 1 and not _one_product(generics, words, vocabulary):
        return (), None
    return written, None


def _one_product(generics: list[Hit], words: Words, vocabulary: Vocabulary) -> bool:
    """Two names are one product where each pair in a row is joined, or names the same thing, or the set is known."""
    together = {i for h in generics for i in h.name.ingredients}
    if len(together) == 1 or any(set(h.name.ingredients) == together for h in generics):
        return True
    known = any(set(n.ingredients) == together for n in vocabulary.names.values())
    joins = load_harmless().joins
    return known or all(
        any(w in "/+&," or w in joins for w in words.words[a.end : b.start]) for a, b in itertools.pairwise(generics)
    )


def _unknown(words: Words, ingredients: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    """Whether a word stands there that may name something else. A plain salt may, where salts make no difference."""
    salts = load_harmless().salts
    distinct = any((known := vocabulary.ingredients.get(i)) and known.base for i in ingredients)
    return any(distinct or words.words[n] not in salts for n in words.unknown)


def _other_of_the_brand(hits: list[Hit], words: Words) -> bool:
    """A brand known only by its name, with a suffix that makes it another product of the family."""
    if any(h.name.kind != "brand" for h in hits):
        return False
    suffixes = load_harmless().brand_suffixes
    return any(h.end < len(words.words) and words.words[h.end] in suffixes for h in hits)


def _product(
    text: str,
    words: Words,
    hits: list[Hit],
    ingredients: tuple[str, ...],
    found: Found,
    corrected: tuple[tuple[str, str], ...],
    vocabulary: Vocabulary,
) -> Product:
    brand = next((h.name for h in hits if h.name.kind == "brand"), None)
    form = vocabulary.forms.get(words.form) if words.form else None
    if brand and brand.form and (form is None or form.name in {"inhaler", "pressurised inhaler"}):
        form = vocabulary.forms.get(brand.form, form)
    release = (brand.release if brand else None) or (form.release if form else None) or words.release
    form_name = form.name if form else None
    kinds = {h.name.kind for h in hits}
    known_by = "spelling" if corrected else "brand" if kinds == {"brand"} else "name"
    return Product(
        name=text,
        ingredients=tuple(sorted(ingredients)),
        brand=brand.written if brand else None,
        strengths=_strengths(found, ingredients, form_name, vocabulary),
        form=form_name,
        release=release,
        release_hours=(brand.release_hours if brand else None) or words.release_hours,
        route=(brand.route if brand else None),
        device=(brand.device if brand else None) or (form.device if form else None),
        salts=tuple(dict.fromkeys(h.name.salt for h in hits if h.name.salt)),
        known_by=known_by,
        corrected=corrected,
    )


def _strengths(
    found: Found, ingredients: tuple[str, ...], form: str | None, vocabulary: Vocabulary
) -> tuple[Strength, ...]:
    """Strengths with their ingredients, where as many are written as the product has ingredients."""
    strengths = [s for _, s in found.strengths]
    if form in _FORMS_SOLD_BY_WEIGHT:
        strengths = [s for s in strengths if not (s.unit == "g" and s.per_unit is None)]
    known = vocabulary.forms.get(form or "")
    if not strengths and len(found.bare) == len(ingredients) > 1 and known and known.group == "solid-oral":
        # 30/500 on a tablet is milligrams by convention; on an inhaler it is not, and stays unread.
        strengths = [Strength(value=value, unit="mg") for value in found.bare]
    if len(ingredients) == 1:
        return tuple(strengths[:1]) if len(set(strengths)) == 1 else tuple(dict.fromkeys(strengths))
    if len(strengths) != len(ingredients):
        return tuple(strengths)
    named = [
        Strength(value=s.value, unit=s.unit, per_value=s.per_value, per_unit=s.per_unit, ingredient=i)
        for s, i in zip(strengths, ingredients, strict=True)
    ]
    return tuple(sorted(named, key=lambda s: (s.ingredient or "", s.value, Decimal(0))))
