"""Form, strengths with their ingredients, and presentation of a product whose ingredients are known."""

from __future__ import annotations

from decimal import Decimal

from gateway.normalise.lexicon import Lexicon
from gateway.normalise.names import Words
from gateway.normalise.strengths import Found
from gateway.records.product import Strength
from gateway.terminology.vocabulary import Form, Name, Vocabulary, normalise_words


def form_of(words: Words, brand: Name | None, vocabulary: Vocabulary) -> Form | None:
    """The longest form written, a container (pen, vial) before what is in it; else the form that the brand fixes."""
    read = [(vocabulary.forms[key], end - start, -start) for start, end, key in words.forms]
    contained = [r for r in read if r[0].group == "injection" and r[0].device]
    if contained and any(r[0].group == "injection" and not r[0].device for r in read):
        read = contained
    form = max(read, key=lambda r: (r[1], r[2]))[0] if read else None
    if brand and brand.form and (form is None or form.name == "pressurised inhaler"):
        return vocabulary.forms.get(brand.form, form)
    return form


def presentation_of(
    words: Words, found: Found, ingredients: tuple[str, ...], form: Form | None, brand: Name | None, lexicon: Lexicon
) -> tuple[str, ...]:
    """Sugar free, CFC free, with device; the size of the container of an injection; the parts of a mixed insulin."""
    said = set(words.presentation)
    if form and (form.group == "injection" or form.name in lexicon.harmless.sized_forms):
        sizes = {f"{value} {unit}" for value, unit in found.volumes}
        said |= sizes if len(sizes) == 1 else set()
    if any(i.startswith("biphasic ") for i in ingredients):
        family = normalise_words(brand.written) if brand else ""
        part = next((p for name, p in lexicon.harmless.insulin_mixes.items() if family.startswith(name)), None)
        if len(found.bare) == 2 and sum(found.bare) == 100:
            part = int(min(found.bare))
        if part is not None:
            said.add(f"{part}/{100 - part}")
    return tuple(sorted(said))


def strengths_of(
    found: Found, ingredients: tuple[str, ...], form: Form | None, named: str, lexicon: Lexicon
) -> tuple[Strength, ...]:
    """Strengths with their ingredients, where as many are written as the product has ingredients."""
    strengths = [s for _, s in found.strengths]
    if form and form.name in lexicon.harmless.sold_by_weight:
        strengths = [s for s in strengths if not (s.unit == "g" and s.per_unit is None)]
    if not strengths and len(found.bare) == len(ingredients) > 1:
        strengths = _by_custom(found.bare, form, named)
    if len(ingredients) == 1:
        return tuple(dict.fromkeys(strengths))
    if len(strengths) != len(ingredients):
        return tuple(strengths)
    assigned = [
        Strength(value=s.value, unit=s.unit, per_value=s.per_value, per_unit=s.per_unit, ingredient=i)
        for s, i in zip(strengths, ingredients, strict=True)
    ]
    return tuple(sorted(assigned, key=lambda s: (s.ingredient or "", s.value)))


def _by_custom(bare: tuple[Decimal, ...], form: Form | None, named: str) -> list[Strength]:
    """30/500 on a tablet is milligrams, 200/6 on an inhaler micrograms a dose; elsewhere bare numbers stay unread.

    Beside a British co-name the numbers are milligrams without any form: so these names are made.
    """
    solid = form.group == "solid-oral" if form else named.lower().startswith("co-")
    if solid and min(bare) >= 1 and max(bare) >= 5:
        return [Strength(value=value, unit="mg") for value in bare]
    if form and form.group == "inhaler":
        return [Strength(value=value, unit="microgram", per_value=Decimal(1), per_unit="dose") for value in bare]
    return []
