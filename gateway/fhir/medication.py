"""The medication of an item: inline, contained or referenced; STU3, R4 or R5."""

from __future__ import annotations

from collections.abc import Callable

from gateway.fhir.elements import Tree, concept, flag, ratio, text, tree, trees
from gateway.records.as_written import Concept, Quantity, Ratio, WrittenIngredient, WrittenMedicine

#: Finds a resource by a reference from inside another resource (which may contain it).
Resolve = Callable[[str, Tree], Tree | None]


class Unresolved(Exception):
    """The item names no medicine that can be found; the words are safe."""


def medicine_of(item: Tree, resolve: Resolve) -> WrittenMedicine:
    """Raises Unresolved where nothing names the medicine."""
    both = tree(item.get("medication"))
    inline = concept(item.get("medicationCodeableConcept")) or concept(both.get("concept"))
    if inline:
        return WrittenMedicine(concept=inline)
    reference = tree(item.get("medicationReference")) or tree(both.get("reference"))
    target = text(reference.get("reference"))
    found = resolve(target, item) if target else None
    if found is not None and found.get("resourceType") in {"Medication", "Substance"}:
        medicine = _medication(found, resolve)
        if medicine is not None:
            return medicine
        if not text(reference.get("display")):
            raise Unresolved("its Medication names no medicine")
    if text(reference.get("display")):
        return WrittenMedicine(concept=Concept(text=text(reference.get("display"))), reference=target)
    if target:
        raise Unresolved("its Medication is not in what was received")
    raise Unresolved("it names no medicine")


def _medication(one: Tree, resolve: Resolve) -> WrittenMedicine | None:
    code = concept(one.get("code"))
    ingredients = tuple(i for part in trees(one.get("ingredient")) if (i := _ingredient(part, one, resolve)))
    if code is None and not ingredients:
        return None
    if code is None:
        code = Concept(text=" / ".join(filter(None, (i.concept.words for i in ingredients))) or None)
    return WrittenMedicine(
        concept=code, form=concept(one.get("form")) or concept(one.get("doseForm")), ingredients=ingredients
    )


def _ingredient(part: Tree, inside: Tree, resolve: Resolve) -> WrittenIngredient | None:
    item = tree(part.get("item"))
    name = concept(part.get("itemCodeableConcept")) or concept(item.get("concept"))
    if name is None:
        reference = tree(part.get("itemReference")) or tree(item.get("reference"))
        target = text(reference.get("reference"))
        found = resolve(target, inside) if target else None
        name = concept((found or {}).get("code"))
        if name is None and text(reference.get("display")):
            name = Concept(text=text(reference.get("display")))
    if name is None:
        return None
    amount = ratio(part.get("strength")) or ratio(part.get("strengthRatio")) or ratio(part.get("amount"))
    single = tree(part.get("strengthQuantity"))
    if amount is None and single:
        from gateway.fhir.elements import quantity

        amount = Ratio(numerator=quantity(single), denominator=Quantity())
    return WrittenIngredient(concept=name, strength=amount, active=flag(part.get("isActive")))
