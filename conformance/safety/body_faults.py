"""Faults inside a body that is FHIR: one item, the Bundle around it, or the Patient is not as it should be."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from conformance.safety.proxy import Exchange, Fault
from conformance.safety.raw_http import Json

#: Changes the first medicine item of a fetch, its Bundle, or both.
Change = Callable[[Json, Json], None]

_MARK = "faulty-value"
_WARNING = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-ListWarningCode-1"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"


def on_first_item(change: Change, raw: bytes | None = None) -> Fault:
    """`raw` replaces, once the body is JSON, the value that `change` marked: for what no JSON encoder would write."""

    async def answer(at: Exchange) -> None:
        found = first_item(at.tree) if at.about_medicines and "item" not in at.proxy.once else None
        if found is None:
            await at.ordinary()
            return
        at.proxy.once.add("item")
        tree = at.tree
        item = first_item(tree)
        assert item is not None
        change(item, tree)
        body = json.dumps(tree).encode()
        if raw is not None:
            body = body.replace(json.dumps(_MARK).encode(), raw)
        await at.send(200, body)

    return answer


def first_item(tree: Json) -> Json | None:
    """A MedicationStatement, else a dispense, else a request: of GP Connect's parts the one that is the entry."""
    resources: list[Json] = [one["resource"] for one in tree.get("entry", ()) if "resource" in one]
    for kind in ("MedicationStatement", "MedicationDispense", "MedicationRequest"):
        for one in resources:
            if one["resourceType"] == kind:
                return one
    return None


def put(**values: Any) -> Change:
    def change(item: Json, _: Json) -> None:
        item.update(copy.deepcopy(values))

    return change


def drop(name: str) -> Change:
    def change(item: Json, _: Json) -> None:
        del item[name]

    return change


def marked(name: str = "faultyElement") -> Change:
    def change(item: Json, _: Json) -> None:
        item[name] = _MARK

    return change


def named(text: str) -> Change:
    """The same medicine with `text` after its name."""

    def change(item: Json, tree: Json) -> None:
        for concept in _concepts(item, tree):
            concept["text"] = f"{concept.get('text') or concept['coding'][0]['display']}{text}"

    return change


def _concepts(item: Json, tree: Json) -> list[Json]:
    if "medicationCodeableConcept" in item:
        return [item["medicationCodeableConcept"]]
    own = item["medicationReference"]["reference"].rpartition("/")[2]
    resources = [one["resource"] for one in tree["entry"]]
    return [r["code"] for r in resources if r["resourceType"] == "Medication" and r["id"] == own]


def referring(reference: str) -> Change:
    """The Medication is not in the item but at `reference`."""

    def change(item: Json, _: Json) -> None:
        item.pop("medicationCodeableConcept", None)
        item["medicationReference"] = {"reference": reference}

    return change


def contained_in_a_circle(item: Json, _: Json) -> None:
    """Medication a is made of b, and b of a."""
    item.pop("medicationCodeableConcept", None)
    item["medicationReference"] = {"reference": "#a"}
    item["contained"] = [
        {"resourceType": "Medication", "id": own, "ingredient": [{"itemReference": {"reference": f"#{other}"}}]}
        for own, other in (("a", "b"), ("b", "a"))
    ]


def again(**changed: Any) -> Change:
    """The same id a second time, with these values changed."""

    def change(item: Json, tree: Json) -> None:
        tree["entry"].append({"resource": copy.deepcopy(item) | changed, "search": {"mode": "match"}})

    return change


def beside(resource: Json, mode: str) -> Change:
    """Another resource in the Bundle, which is no match."""

    def change(_: Json, tree: Json) -> None:
        tree["entry"].append({"resource": resource, "search": {"mode": mode}})

    return change


def in_bundle(**values: Any) -> Change:
    def change(_: Json, tree: Json) -> None:
        tree.update(values)

    return change


def listed_with(code: str) -> Change:
    """GP Connect's list of medicines carries a warning."""

    def change(_: Json, tree: Json) -> None:
        for one in tree["entry"]:
            if one["resource"]["resourceType"] == "List":
                one["resource"].setdefault("extension", []).append({"url": _WARNING, "valueCode": code})

    return change


def never_taken(item: Json, _: Json) -> None:
    """As each kind and version says that the patient does not take it."""
    if item["resourceType"] == "MedicationRequest":
        item["doNotPerform"] = True
    elif "taken" in item:
        item["taken"] = "n"
    else:
        item["status"] = {"MedicationStatement": "not-taken"}.get(item["resourceType"], "declined")


def discontinued(item: Json, _: Json) -> None:
    """An order to stop, served as a request (OpenMRS)."""
    item["status"] = "stopped"


def restricted(item: Json, _: Json) -> None:
    item["meta"] = {**item.get("meta", {}), "security": [{"system": _CONFIDENTIALITY, "code": "R"}]}


def of_another_version(item: Json, _: Json) -> None:
    """Elements of STU3 in R4 and of R5 in STU3, as sources that were moved send them."""
    if "medicationCodeableConcept" in item:
        item["medication"] = {"concept": item.pop("medicationCodeableConcept")}
    item["requester"] = {"agent": {"display": "somebody"}}
    item["dateAsserted"] = "2026-11-01"


def with_dose(value: str) -> Change:
    """A dose whose number is written in an odd way, as it stands in the body."""

    def change(item: Json, _: Json) -> None:
        name = "dosageInstruction" if item["resourceType"] != "MedicationStatement" else "dosage"
        item[name] = [{"text": "as before", "doseQuantity": {"value": _MARK, "unit": "mg"}}]

    change.__doc__ = value
    return change


def on_patient(change: Callable[[Json, Json], None]) -> Fault:
    """The Patient, in the answer to the search for it or in GP Connect's record, is otherwise."""

    async def answer(at: Exchange) -> None:
        if not at.about_patient or at.status != 200:
            await at.ordinary()
            return
        tree = at.tree
        for one in list(tree.get("entry", ())):
            if one["resource"]["resourceType"] == "Patient":
                change(one["resource"], tree)
                break
        await at.json(tree)

    return answer


def second_patient(patient: Json, tree: Json) -> None:
    tree["entry"].append({"resource": copy.deepcopy(patient) | {"id": "another"}, "search": {"mode": "match"}})


def replaced(patient: Json, _: Json) -> None:
    patient["link"] = [{"other": {"reference": "Patient/newer"}, "type": "replaced-by"}]


def born(date: str) -> Callable[[Json, Json], None]:
    def change(patient: Json, _: Json) -> None:
        patient["birthDate"] = date

    return change


async def lost_filter(at: Exchange) -> None:
    """The self link says that the patient was not asked for."""
    if at.about_medicines:
        kind = at.path.removesuffix("/_search")
        url = f"{at.proxy.base}/{kind}?status=active"
        await at.json(at.tree | {"link": [{"relation": "self", "url": url}]})
    else:
        await at.ordinary()
