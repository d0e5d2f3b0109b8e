"""Small FHIR resources and bundles for tests: only what a case needs to say stands in the case."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gateway.records.lists import SourceDocument

Json = dict[str, Any]
NHS = "https://fhir.nhs.uk/Id/nhs-number"
SNOMED = "http://snomed.info/sct"


def patient(id_: str = "p1", nhs: str | None = "9990000018", family: str = "Example", born: str = "1950-01-01") -> Json:
    found: Json = {
        "resourceType": "Patient",
        "id": id_,
        "name": [{"family": family, "given": ["Ann"]}],
        "birthDate": born,
    }
    if nhs:
        found["identifier"] = [{"system": NHS, "value": nhs}]
    return found


def statement(id_: str, name: str, *, status: str = "active", dose: str | None = None, **more: Any) -> Json:
    found: Json = {
        "resourceType": "MedicationStatement",
        "id": id_,
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
    }
    if dose:
        found["dosage"] = [{"text": dose}]
    return found | more


def request(
    id_: str, name: str, *, status: str = "active", intent: str = "order", dose: str | None = None, **more: Any
) -> Json:
    found: Json = {
        "resourceType": "MedicationRequest",
        "id": id_,
        "status": status,
        "intent": intent,
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
    }
    if dose:
        found["dosageInstruction"] = [{"text": dose}]
    return found | more


def dispense(id_: str, name: str, *, status: str = "completed", handed: str = "2026-11-01", **more: Any) -> Json:
    return {
        "resourceType": "MedicationDispense",
        "id": id_,
        "status": status,
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": name},
        "whenHandedOver": handed,
    } | more


def allergy(id_: str, text: str, *, code: str | None = None, active: bool = True, **more: Any) -> Json:
    concept: Json = {"text": text}
    if code:
        concept["coding"] = [{"system": SNOMED, "code": code, "display": text}]
    system = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
    return {
        "resourceType": "AllergyIntolerance",
        "id": id_,
        "clinicalStatus": {"coding": [{"system": system, "code": "active" if active else "resolved"}]},
        "code": concept,
        "patient": {"reference": "Patient/p1"},
    } | more


def a_list(id_: str, code: str, *items: str, system: str = SNOMED, **more: Any) -> Json:
    """A FHIR List; `items` are references."""
    return {
        "resourceType": "List",
        "id": id_,
        "status": "current",
        "mode": "snapshot",
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": {"reference": "Patient/p1"},
        "entry": [{"item": {"reference": item}} for item in items],
    } | more


def bundle(*resources: Json, **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]} | more


def document(content: Json | str | bytes, origin: str = "case.json", media_type: str | None = None) -> SourceDocument:
    if isinstance(content, dict):
        content = json.dumps(content)
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return SourceDocument(content=raw, sha256=hashlib.sha256(raw).hexdigest(), origin=origin, media_type=media_type)
