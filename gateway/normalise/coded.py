"""Read a coding through the release that is loaded: what the code means, not what its display says.

The release's own names are read as any other text, so that a coded and an uncoded entry of one medicine meet; its
structured ingredients must agree with that reading, and stand in where the starter vocabulary cannot read the name.
"""

from __future__ import annotations

from collections.abc import Callable

from gateway.normalise.lexicon import lexicon_of
from gateway.records.as_written import Coding
from gateway.records.product import Product, Strength
from gateway.terminology.coded import CodedMedicine, Substance
from gateway.terminology.vocabulary import Vocabulary, normalise_words

Reader = Callable[[str, Vocabulary], Product]


def read_coding(coding: Coding, read: Reader, vocabulary: Vocabulary) -> tuple[Product | None, Coding | None]:
    """What the release makes of a coding, and the code that replaced it; None where it does not know."""
    release, kind = vocabulary.release, vocabulary.code_systems.get(coding.system or "")
    coded = release.find(kind, coding.code) if release and kind and coding.code else None
    if coded is None:
        return None, None
    retired = kind != "ndc" and coded.code != coding.code
    now = Coding(system=coding.system, code=coded.code, display=coded.name) if retired else None
    return _product(coded, read, vocabulary), now


def read_atc(coding: Coding, vocabulary: Vocabulary) -> Product | None:
    """A substance by its whole ATC code (seven characters), where only one in the vocabulary has it."""
    if vocabulary.code_systems.get(coding.system or "") != "atc":
        return None
    named = lexicon_of(vocabulary).atc.get((coding.code or "").upper(), ())
    if len(named) != 1:
        return None
    return Product(name=coding.display or named[0], ingredients=named, known_by="code")


def _product(coded: CodedMedicine, read: Reader, vocabulary: Vocabulary) -> Product | None:
    """None where the release and the starter vocabulary read its generic name differently: then neither is used."""
    own = _plain(read(coded.name, vocabulary))
    generic = _plain(read(coded.generic, vocabulary)) if coded.generic else own
    structured = _ingredients(coded, read, vocabulary)
    if generic.understood and structured and generic.ingredients != structured:
        return None
    ingredients = generic.ingredients or structured
    if not ingredients:
        return None
    if own.understood and own.ingredients != ingredients:
        sentence = (
            f"the release says {' + '.join(ingredients)} of this code, its name reads {' + '.join(own.ingredients)}"
        )
        return Product(name=coded.name, contradictions=(sentence,))
    return Product(
        name=coded.name,
        ingredients=ingredients,
        brand=own.brand,
        strengths=generic.strengths or own.strengths or _strengths(coded, ingredients, vocabulary),
        form=generic.form or own.form or _form(coded, vocabulary),
        release=generic.release or own.release,
        release_hours=generic.release_hours or own.release_hours,
        route=generic.route or own.route or _route(coded, vocabulary),
        device=own.device or generic.device,
        salts=generic.salts,
        presentation=generic.presentation or own.presentation,
        known_by="code",
        appliance=generic.appliance,
    )


def _plain(product: Product) -> Product:
    """A release does not misspell: a name that had to be corrected is another name, and not read."""
    return Product(name=product.name) if product.corrected else product


def _ingredients(coded: CodedMedicine, read: Reader, vocabulary: Vocabulary) -> tuple[str, ...]:
    """One that the starter vocabulary lacks keeps the release's name, so that it can only equal itself."""
    if len(coded.substances) == 1:
        return _named(coded.moiety, read, vocabulary) or _name(coded.substances[0], read, vocabulary)
    return tuple(sorted({i for s in coded.substances for i in _name(s, read, vocabulary)}))


def _name(substance: Substance, read: Reader, vocabulary: Vocabulary) -> tuple[str, ...]:
    product = read(substance.name, vocabulary)
    return product.ingredients if _clear(product) else (normalise_words(substance.name),)


def _named(moiety: str | None, read: Reader, vocabulary: Vocabulary) -> tuple[str, ...]:
    if moiety is None:
        return ()
    product = read(moiety, vocabulary)
    return product.ingredients if _clear(product) else (normalise_words(moiety),)


def _clear(product: Product) -> bool:
    return product.understood and not product.corrected and len(product.ingredients) == 1


def _strengths(coded: CodedMedicine, ingredients: tuple[str, ...], vocabulary: Vocabulary) -> tuple[Strength, ...]:
    """Only where every substance has one in a known unit, and there are as many as ingredients."""
    found = []
    for substance in coded.substances:
        unit = vocabulary.unit_words.get((substance.unit or "").lower())
        per = vocabulary.unit_words.get((substance.per_unit or "").lower())
        if substance.value is None or unit is None or (substance.per_unit and per is None):
            return ()
        known = vocabulary.units.get(per) if per else None
        counted = known is None or known.dimension is None
        found.append(
            Strength(
                value=substance.value,
                unit=unit,
                per_value=None if counted else substance.per_value,
                per_unit=None if counted else per,
            )
        )
    return tuple(found) if len(found) == len(ingredients) == 1 else ()


def _form(coded: CodedMedicine, vocabulary: Vocabulary) -> str | None:
    key = vocabulary.form_words.get(normalise_words(coded.form or ""))
    return vocabulary.forms[key].name if key else None


def _route(coded: CodedMedicine, vocabulary: Vocabulary) -> str | None:
    return vocabulary.route_words.get(normalise_words(coded.routes[0])) if len(coded.routes) == 1 else None
