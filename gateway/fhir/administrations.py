"""What a hospital's record says was given: MedicationAdministration, beside the list."""

from __future__ import annotations

from gateway.fhir.elements import Tree, concept, text, tree, trees
from gateway.fhir.items import identity
from gateway.fhir.medication import Resolve, Unresolved, medicine_of
from gateway.records.lists import Administration


def administration(one: Tree, list_name: str, resolve: Resolve, document: str) -> Administration:
    """`words` is None where nothing names the medicine."""
    try:
        words = medicine_of(one, resolve).concept.words
    except Unresolved:
        words = None
    dosage = next(iter(trees(one.get("dosage"))), {})
    period = tree(one.get("effectivePeriod")) or tree(one.get("occurencePeriod"))
    route = concept(dosage.get("route"))
    return Administration(
        id=f"{list_name}/{identity(one)}",
        list=list_name,
        words=words,
        route=route,
        status=text(one.get("status")),
        at=text(one.get("effectiveDateTime")) or text(one.get("occurenceDateTime")) or text(period.get("start")),
        document=document,
    )
