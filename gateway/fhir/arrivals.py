"""Encounters with the Patients they name, from whatever door they came: a search, or a Bundle that was sent."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.fhir.context import encounter, patient
from gateway.fhir.elements import Tree, text, tree
from gateway.records.stays import Arrival


def arrivals(resources: Iterable[Tree], list_name: str) -> tuple[Arrival, ...]:
    """One for each Encounter, in order. Its Patient is among the resources, or named by identifier in the Encounter."""
    held = list(resources)
    people = {str(one.get("id")): one for one in held if one.get("resourceType") == "Patient"}
    return tuple(_arrival(one, people, list_name) for one in held if one.get("resourceType") == "Encounter")


def patient_ids(resources: Iterable[Tree]) -> tuple[str, ...]:
    """Ids of the Patients that Encounters refer to, each once."""
    found = [_patient_id(one) for one in resources if one.get("resourceType") == "Encounter"]
    return tuple(dict.fromkeys(one for one in found if one))


def _arrival(one: Tree, people: dict[str, Tree], list_name: str) -> Arrival:
    stay = encounter(one, list_name)
    there = people.get(_patient_id(one) or "")
    if there is not None:
        return Arrival(encounter=stay, patient=patient(there)[0], why=_warning(there))
    about = _subject(one)
    if tree(about.get("identifier")):
        said = {"resourceType": "Patient", "identifier": about["identifier"], "name": [{"text": about.get("display")}]}
        return Arrival(encounter=stay, patient=patient(said)[0], why=_warning(said))
    why = "its Patient was not received" if about else "the stay names no patient"
    return Arrival(encounter=stay, patient=None, why=why)


def _warning(one: Tree) -> str | None:
    return next(iter(patient(one)[1]), None)


def _subject(one: Tree) -> Tree:
    return tree(one.get("subject")) or tree(one.get("patient"))


def _patient_id(one: Tree) -> str | None:
    reference = text(_subject(one).get("reference"))
    parts = reference.split("/_history/")[0].split("/") if reference else []
    return parts[-1] if len(parts) >= 2 and parts[-2] == "Patient" else None
