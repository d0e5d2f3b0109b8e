"""Read what is prescribed: ingredients, strengths, form, release, brand, from text and codings.

Nothing is ever read as another ingredient than written: where a word, a coding or an ingredient list does not fit, the
reader abstains and says why.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

import msgspec

from gateway.normalise.brand_forms import in_their_forms
from gateway.normalise.coded import read_atc, read_coding
from gateway.normalise.fold import fold, numbered_words, tokens
from gateway.normalise.ingredients import (
    ingredients_of,
    mixed_insulin,
    numbered_substance,
    other_of_the_brand,
    unknown_word,
    without_diluent,
)
from gateway.normalise.lexicon import Lexicon, lexicon_of
from gateway.normalise.names import Hit, Words, find
from gateway.normalise.presentation import form_of, presentation_of, strengths_of
from gateway.normalise.product_parts import combine, with_written_ingredients
from gateway.normalise.spelling import correct
from gateway.normalise.strengths import Found, find_strengths
from gateway.records.as_written import Coding, WrittenMedicine
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary

#: Readings kept; a text is read once however many entries hold it. An entry takes about a kilobyte.
_KEPT = 50_000

_LAST_BRACKET = re.compile(r"\[([^\[\]]{1,100})\]\s*$")


def read_product(medicine: WrittenMedicine, vocabulary: Vocabulary) -> Product:
    """Text, displays, codes of a loaded release and the ingredient list, read together; contradictions are reported.

    The same medicine gives the same object, so that what is worked out for it is found again.
    """
    concept = medicine.concept
    if concept.text and not concept.codings and not medicine.ingredients and medicine.form is None:
        return read_name(concept.text, vocabulary)
    return _CACHE.read_medicine(medicine, vocabulary)


def _read_product(medicine: WrittenMedicine, vocabulary: Vocabulary) -> Product:
    concept = medicine.concept
    texts = list(dict.fromkeys(t for t in (concept.text, *sorted(c.display or "" for c in concept.codings)) if t))
    codes = tuple(
        sorted({Coding(system=c.system, code=c.code, display=c.display) for c in concept.codings if c.code}, key=_order)
    )
    readings = [(text, read_name(text, vocabulary)) for text in texts]
    coded = [read_coding(code, read_name, vocabulary) for code in codes]
    if not any(p.understood for p in (*(p for _, p in readings), *(p for p, _ in coded if p))):
        # A class code names a substance in its plain form: it stands in where nothing else is read, contradicts none.
        coded += [(found, None) for code in codes if (found := read_atc(code, vocabulary))]
    meant = [product for product, _ in coded if product]
    readings += [(product.name, product) for product in meant]
    product = combine(readings, bool(concept.text), concept.words or medicine.reference or "not stated", vocabulary)
    if product.understood and any(p.understood for p in meant):
        # The code says what it is, whatever way the text is spelt.
        product = msgspec.structs.replace(product, known_by="code", corrected=())
    product = with_written_ingredients(product, medicine, read_product, vocabulary)
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
        # One value, so that a thread never sees the version of one vocabulary and the readings of another.
        self._kept: tuple[str, Callable[[str], Product], Callable[[WrittenMedicine], Product]] = (
            "",
            lambda text: Product(name=text),
            lambda _: Product(name=""),
        )

    def read(self, text: str, vocabulary: Vocabulary) -> Product:
        version, read, _ = self._kept
        return read(text) if version == vocabulary.version else self._start(vocabulary)[0](text)

    def read_medicine(self, medicine: WrittenMedicine, vocabulary: Vocabulary) -> Product:
        version, _, read = self._kept
        return read(medicine) if version == vocabulary.version else self._start(vocabulary)[1](medicine)

    def _start(self, vocabulary: Vocabulary) -> tuple[Callable[[str], Product], Callable[[WrittenMedicine], Product]]:
        names = lru_cache(maxsize=_KEPT)(lambda one: _read_name(one, vocabulary))
        medicines = lru_cache(maxsize=_KEPT)(lambda one: _read_product(one, vocabulary))
        self._kept = (vocabulary.version, names, medicines)
        return names, medicines


_CACHE = _Cache()


def _read_name(text: str, vocabulary: Vocabulary) -> Product:
    folded = fold(text)
    if not folded:
        return Product(name=text)
    lexicon = lexicon_of(vocabulary)
    found = find_strengths(tokens(folded), lexicon)
    words = find(found.words, found.commas, lexicon)
    if not lexicon.harmless.refused.isdisjoint(words.words):
        return Product(name=text)
    corrected: tuple[tuple[str, str], ...] = ()
    if words.unknown:
        words, corrected = _corrected(words, vocabulary, lexicon)
    hits = [h for h in words.hits if h.name.kind != "appliance"]
    if not hits:
        return _appliance(text, words)
    hits = in_their_forms(without_diluent(hits, words, found, lexicon), words, vocabulary)
    if not hits:
        return Product(name=text)
    ingredients, contradiction = ingredients_of(hits, words, lexicon, vocabulary)
    if contradiction:
        return Product(name=text, contradictions=(contradiction,))
    if (
        not ingredients
        or unknown_word(words, hits, ingredients, lexicon, vocabulary)
        or other_of_the_brand(hits, words, lexicon)
        or mixed_insulin(ingredients, found)
        or numbered_substance(hits, words, numbered_words(text))
    ):
        return Product(name=text)
    return _product(text, words, hits, ingredients, found, corrected, lexicon, vocabulary)


def _corrected(words: Words, vocabulary: Vocabulary, lexicon: Lexicon) -> tuple[Words, tuple[tuple[str, str], ...]]:
    """Correct one run of one to three words that holds an unknown word; the first that reads wins, longest first."""
    for length in (3, 2, 1):
        for start in range(len(words.words) - length + 1):
            if not any(start <= n < start + length for n in words.unknown):
                continue
            written = " ".join(words.words[start : start + length])
            winner = correct(written, vocabulary)
            if winner and _agrees(winner, words, vocabulary):
                again = [*words.words[:start], *winner.split(), *words.words[start + length :]]
                return find(again, set(), lexicon), ((written, winner),)
    return words, ()


def _agrees(winner: str, words: Words, vocabulary: Vocabulary) -> bool:
    """Beside a name that is read, only a misspelling of the same medicine is corrected: "Trasyltl [Trasylol]"."""
    meaning = set(vocabulary.names[winner].ingredients)
    return all(set(hit.name.ingredients) == meaning for hit in words.hits)


def _appliance(text: str, words: Words) -> Product:
    """An appliance only where its name comes first: a medicine nobody knows may come "with needles"."""
    first = words.hits[0] if words.hits else None
    if first and first.start == 0:
        name = first.name.written
        return Product(name=text, ingredients=(name.lower(),), brand=name, known_by="name", appliance=True)
    return Product(name=text)


def _product(
    text: str,
    words: Words,
    hits: list[Hit],
    ingredients: tuple[str, ...],
    found: Found,
    corrected: tuple[tuple[str, str], ...],
    lexicon: Lexicon,
    vocabulary: Vocabulary,
) -> Product:
    brand = next((h.name for h in hits if h.name.kind == "brand"), None)
    form = form_of(words, brand, vocabulary)
    solid = form is not None and form.group == "solid-oral"
    release = (
        (brand.release if brand else None)
        or (form.release if form else None)
        or words.release
        or (words.solid_release if solid else None)
    )
    kinds = {h.name.kind for h in hits}
    in_brackets = _LAST_BRACKET.search(text) if words.branded else None
    return Product(
        name=text,
        ingredients=tuple(sorted(ingredients)),
        brand=brand.written if brand else in_brackets[1].strip() if in_brackets else None,
        strengths=strengths_of(found, ingredients, form, hits[0].name.written, lexicon),
        form=form.name if form else None,
        release=release,
        release_hours=(brand.release_hours if brand else None) or words.release_hours,
        route=brand.route if brand and (form is None or not form.routes or brand.route in form.routes) else None,
        device=(brand.device if brand else None) or (form.device if form else None),
        salts=tuple(dict.fromkeys(h.name.salt for h in hits if h.name.salt)),
        presentation=presentation_of(words, found, ingredients, form, brand, lexicon),
        known_by="spelling" if corrected else "brand" if kinds == {"brand"} else "name",
        corrected=corrected,
    )
