"""Join what the texts, codings and ingredient list of one medicine say; where they contradict, say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from gateway.records.as_written import Quantity, Ratio, WrittenMedicine
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary

Reader = Callable[[str, Vocabulary], Product]


def combine(readings: Sequence[tuple[str, Product]], text_first: bool, name: str) -> Product:
    """One product of several readings; `text_first` is whether the first is the concept's own text.

    Readings of different ingredient sets contradict: then nothing is understood, and both are named.
    """
    said = [p for _, p in readings if p.contradictions]
    understood = [p for _, p in readings if p.understood]
    sets = {p.ingredients for p in understood}
    if said or len(sets) > 1:
        sentences = [c for p in said for c in p.contradictions]
        if len(sets) > 1:
            sentences.append(f"its texts name different medicines: {_named(sets)}")
        return Product(name=name, contradictions=tuple(dict.fromkeys(sentences)))
    if not understood:
        return Product(name=name)
    own = understood[0] if text_first and readings[0][1].understood else max(understood, key=_told)
    return msgspec.structs.replace(own, name=name, **_filled(own, understood))


def _named(sets: set[tuple[str, ...]]) -> str:
    return "; ".join(sorted(" + ".join(s) for s in sets))


def _told(product: Product) -> tuple[bool, bool, bool, str]:
    return (bool(product.strengths), bool(product.form), product.known_by == "name", product.name)


def _filled(own: Product, all_: Sequence[Product]) -> dict[str, object]:
    """What the chosen reading leaves open is filled from the others, if they agree; a strength that differs is told."""
    fill: dict[str, object] = {}
    for field in ("strengths", "form", "release", "release_hours", "route", "device", "brand"):
        values = {getattr(p, field) for p in all_ if getattr(p, field)}
        if not getattr(own, field) and len(values) == 1:
            fill[field] = values.pop()
    strengths = {p.strengths for p in all_ if p.strengths}
    if len(strengths) > 1:
        texts = "; ".join(sorted({p.name for p in all_ if p.strengths}))
        fill["contradictions"] = (f"its texts name different strengths: {texts}",)
    return fill


def with_written_ingredients(
    product: Product, medicine: WrittenMedicine, read: Reader, vocabulary: Vocabulary
) -> Product:
    """Medication.ingredient and form fill what the concept leaves open, and contradict where they name another set."""
    changes: dict[str, object] = {}
    if medicine.form and not product.form and product.contradictions == ():
        changes |= _form(medicine.form.words, vocabulary)
    active = [i for i in medicine.ingredients if i.active is not False]
    parts = [(i, read(i.concept.words or "", vocabulary)) for i in active]
    if parts and all(len(p.ingredients) == 1 and not p.appliance for _, p in parts):
        names = tuple(sorted({p.ingredients[0] for _, p in parts}))
        if product.understood and names != product.ingredients:
            sentence = f"its name says {' + '.join(product.ingredients)}, its ingredients {' + '.join(names)}"
            return Product(name=product.name, contradictions=(sentence,))
        strengths = tuple(
            s
            for i, p in parts
            if (s := _strength(i.strength, p.ingredients[0] if len(parts) > 1 else None, vocabulary))
        )
        if not product.understood and not product.contradictions:
            changes |= {"ingredients": names, "known_by": "name"}
        if not product.strengths and len(strengths) == len(parts):
            changes["strengths"] = tuple(sorted(strengths, key=lambda s: s.ingredient or ""))
    return msgspec.structs.replace(product, **changes) if changes else product


def _form(words: str | None, vocabulary: Vocabulary) -> dict[str, object]:
    from gateway.terminology.vocabulary import normalise_words

    key = vocabulary.form_words.get(normalise_words(words or ""))
    form = vocabulary.forms.get(key) if key else None
    if form is None:
        return {}
    return {"form": form.name, **({"release": form.release} if form.release else {})}


def _strength(ratio: Ratio | None, ingredient: str | None, vocabulary: Vocabulary) -> Strength | None:
    if ratio is None or ratio.numerator is None or ratio.numerator.value is None:
        return None
    unit = unit_of(ratio.numerator, vocabulary)
    below = ratio.denominator
    if unit is None:
        return None
    per = unit_of(below, vocabulary) if below else None
    # "per 1 tablet" says nothing beside the form.
    counted = per is None or (known := vocabulary.units.get(per)) is None or known.dimension is None
    return Strength(
        value=Decimal(format(ratio.numerator.value.normalize(), "f")),
        unit=unit,
        per_value=None if counted or below is None else (below.value or Decimal(1)),
        per_unit=None if counted else per,
        ingredient=ingredient,
    )


def unit_of(quantity: Quantity | None, vocabulary: Vocabulary) -> str | None:
    """The canonical unit of a Quantity: its code first, then its printed unit."""
    if quantity is None:
        return None
    for word in (quantity.code, quantity.unit):
        if word and (found := vocabulary.unit_words.get(word.lower())):
            return found
    return None
