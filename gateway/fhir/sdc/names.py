"""Addresses and codes of our Questionnaires, and how a medicine by ingredient and route is one code.

A medicine of a case carries, for each ingredient: the ingredient; the ingredient at its kind of route and at its route;
a mark where the route is not known; a mark where a person's change makes the route meaningless. So a set of a question
is a plain list of codes, and `memberOf` needs no more than to look one up.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.fhir.build import BASE
from gateway.records.audit import MedicineFact, TimePoint
from gateway.records.audit_members import Members

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
VARIABLE = "http://hl7.org/fhir/StructureDefinition/variable"
ORIGIN = "http://hl7.org/fhir/us/davinci-dtr/StructureDefinition/information-origin"
ITEM = f"{BASE}/StructureDefinition/audit-answer"
DAILY_MG = f"{BASE}/StructureDefinition/daily-mg"
MEDICINE = f"{BASE}/CodeSystem/medicine-by-route"
ALLERGEN = f"{BASE}/CodeSystem/allergen"
MOMENT = f"{BASE}/CodeSystem/time-point"
FACT = f"{BASE}/CodeSystem/case-fact"
REASON = f"{BASE}/CodeSystem/override-reason"
SNOMED = "http://snomed.info/sct"
EMPTY = "http://terminology.hl7.org/CodeSystem/list-empty-reason"


def questionnaire_url(pack: str) -> str:
    return f"{BASE}/Questionnaire/{pack}"


def value_set_url(pack: str, question: str, name: str) -> str:
    return f"{BASE}/ValueSet/{pack}-{question.replace('_', '-').replace(' ', '-')}-{name}"


def camel(when: TimePoint) -> str:
    """A name of a FHIRPath variable."""
    first, *rest = when.value.split("-")
    return first + "".join(word.capitalize() for word in rest)


def codes_of(fact: MedicineFact) -> Iterator[str]:
    """The codes that a medicine carries."""
    for ingredient in (*fact.ingredients, *fact.another):
        yield ingredient
        if fact.another:
            yield f"{ingredient}@*"
            continue
        if fact.kind_of_route:
            yield f"{ingredient}@{fact.kind_of_route}"
        if fact.route and fact.route != fact.kind_of_route:
            yield f"{ingredient}@{fact.route}"
        if fact.route is None:
            yield f"{ingredient}@{fact.kind_of_route or ''}?"


def counted(members: Members) -> frozenset[str]:
    """The codes that belong to a set for certain."""
    if not members.routes:
        return members.ingredients
    return frozenset(f"{i}@{route}" for i in members.ingredients for route in (*members.routes, "*"))


def possible(members: Members) -> frozenset[str]:
    """With those whose route is not known, so that a person decides."""
    if not members.routes:
        return members.ingredients
    unknown = {f"{i}@{kind}?" for i in members.ingredients for kind in (*members.kinds, "")}
    return counted(members) | unknown
