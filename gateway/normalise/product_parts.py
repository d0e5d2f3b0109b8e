"""Join what the texts, codings and ingredient list of one medicine say; where they contradict, say so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import msgspec

from gateway.normalise.contradictions import contradictions, form_differs, strengths_differ
from gateway.normalise.lexicon import lexicon_of
from gateway.records.as_written import Concept, Quantity, Ratio, WrittenMedicine
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Form, Vocabulary, normalise_words

Reader = Callable[[WrittenMedicine, Vocabulary], Product]


def combine(readings: Sequence[tuple[str, Product]], text_first: bool, name: str, vocabulary: Vocabulary) -> Product:
    """One product of several readings; `text_first` is whether the first is the concept's own text.

    Readings of different ingredient sets contradict: then nothing is understood, and both are named. Readings of one
    set that differ in strength, form, release or brand are told, and what the chosen reading says is kept.
    """
    said = [p for _, p in readings if p.contradictions]
    understood = [p for _, p in readings if p.understood]
    understood = _most_exact(understood, vocabulary)
    sets = {p.ingredients for p in understood}
    if said or len(sets) > 1:
        sentences = [c for p in said for c in p.contradictions]
        if len(sets) > 1:
            sentences.append(f"its texts name different medicines: {_named(sets)}")
        return Product(name=name, contradictions=tuple(dict.fromkeys(sentences)))
    if not understood:
        return Product(name=name)
    own = understood[0] if text_first and readings[0][1] is understood[0] else max(understood, key=_told)
    return msgspec.structs.replace(
        own, name=name, contradictions=contradictions(understood, vocabulary), **_filled(own, understood)
    )


def _most_exact(understood: list[Product], vocabulary: Vocabulary) -> list[Product]:
    """Where one text says perindopril and another perindopril arginine, those that say the salt; else all of them."""
    sets = {p.ingredients for p in understood}
    if len(sets) < 2:
        return understood
    exact = max(sets, key=lambda s: (sum(_base(i, vocabulary) is not None for i in s), s))
    plain = [p for p in understood if p.ingredients != exact]
    if any(p.salts or not _agree(p.ingredients, exact, vocabulary) for p in plain):
        return understood
    return [p for p in understood if p.ingredients == exact]


def _named(sets: set[tuple[str, ...]]) -> str:
    return "; ".join(sorted(" + ".join(s) for s in sets))


def _told(product: Product) -> tuple[bool, bool, bool, str]:
    return (bool(product.strengths), bool(product.form), product.known_by == "name", product.name)


def _filled(own: Product, all_: Sequence[Product]) -> dict[str, object]:
    """What the chosen reading leaves open is filled from the others, if they agree."""
    fill: dict[str, object] = {}
    for field in ("strengths", "form", "release", "release_hours", "route", "device", "brand", "presentation"):
        values = {getattr(p, field) for p in all_ if getattr(p, field)}
        if not getattr(own, field) and len(values) == 1:
            fill[field] = values.pop()
    return fill


def with_written_ingredients(
    product: Product, medicine: WrittenMedicine, read: Reader, vocabulary: Vocabulary
) -> Product:
    """Medication.ingredient and form fill what the concept leaves open, and contradict where they say another thing."""
    changes: dict[str, object] = {}
    sentences = list(product.contradictions)
    form = _form(medicine.form, vocabulary) if medicine.form else None
    if form and product.form and form_differs(form.name, product.form, vocabulary):
        sentences.append(f"its name says {product.form}, its form {form.name}")
    elif form and not product.form and not sentences:
        changes |= {"form": form.name, "release": product.release or form.release}
    active = [i for i in medicine.ingredients if i.active is not False]
    parts = [(i, read(WrittenMedicine(concept=i.concept), vocabulary)) for i in active]
    if parts and all(len(p.ingredients) == 1 and not p.appliance for _, p in parts):
        names = tuple(sorted({p.ingredients[0] for _, p in parts}))
        if product.understood and not _agree(names, product.ingredients, vocabulary):
            sentence = f"its name says {' + '.join(product.ingredients)}, its ingredients {' + '.join(names)}"
            return Product(name=product.name, contradictions=(*sentences, sentence))
        if not product.understood and not sentences:
            by_code = all(p.known_by == "code" for _, p in parts)
            changes |= {"ingredients": names, "known_by": "code" if by_code else "name"}
        strengths = tuple(
            s
            for i, p in parts
            if (s := _strength(i.strength, p.ingredients[0] if len(parts) > 1 else None, vocabulary))
        )
        if len(strengths) == len(parts):
            if not product.strengths:
                changes["strengths"] = tuple(sorted(strengths, key=lambda s: s.ingredient or ""))
            elif strengths_differ(product.strengths, strengths, vocabulary):
                sentences.append("its name says another strength than its ingredients")
    changes["contradictions"] = tuple(dict.fromkeys(sentences))
    return msgspec.structs.replace(product, **changes)


def _agree(one: tuple[str, ...], other: tuple[str, ...], vocabulary: Vocabulary) -> bool:
    """Equal, or each pair equal or one the plain base of the other; two salts of one base are two things."""
    if one == other:
        return True
    left, right = [i for i in one if i not in other], [i for i in other if i not in one]
    bases = {i: _base(i, vocabulary) for i in (*left, *right)}
    return (
        len(one) == len(other)
        and all(any(bases.get(a) == b or bases.get(b) == a for b in right) for a in left)
        and all(any(bases.get(a) == b or bases.get(b) == a for a in left) for b in right)
    )


def _base(ingredient: str, vocabulary: Vocabulary) -> str | None:
    """Of a name that only a release knows, the name without its salt."""
    known = vocabulary.ingredients.get(ingredient)
    if known:
        return known.base
    words = ingredient.split()
    salts = lexicon_of(vocabulary).harmless.salts
    while len(words) > 1 and words[-1] in salts:
        words.pop()
    return " ".join(words)


def _form(written: Concept, vocabulary: Vocabulary) -> Form | None:
    """The form that its text, a display, or a code of a loaded release names."""
    codes = [c.code for c in written.codings if c.code and vocabulary.code_systems.get(c.system or "") == "dmd"]
    coded = [vocabulary.release.term("FORM", code) for code in codes] if vocabulary.release else []
    for words in (written.text, *(c.display for c in written.codings), *coded):
        key = vocabulary.form_words.get(normalise_words(words or ""))
        if key:
            return vocabulary.forms[key]
    return None


def _strength(ratio: Ratio | None, ingredient: str | None, vocabulary: Vocabulary) -> Strength | None:
    if ratio is None or ratio.numerator is None or ratio.numerator.value is None:
        return None
    unit = unit_of(ratio.numerator, vocabulary)
    below = ratio.denominator
    if unit is None:
        return None
    per = unit_of(below, vocabulary) if below else None
    # "per 1 tablet" says nothing beside the form; one metered amount is a dose, whatever the device calls it.
    per = "dose" if per in {"puff", "spray"} else per
    known = vocabulary.units.get(per or "")
    counted = known is None or (known.dimension is None and per != "dose")
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
