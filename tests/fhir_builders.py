"""Small FHIR resources and bundles for tests: only what a case needs to say stands in the case."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from gateway.records.lists import SourceDocument

Json = dict[str, Any]
NHS = "https://fhir.nhs.uk/Id/nhs-number"


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


def bundle(*resources: Json, **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]} | more


def document(content: Json | str | bytes, origin: str = "case.json", media_type: str | None = None) -> SourceDocument:
    if isinstance(content, dict):
        content = json.dumps(content)
    raw = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
    return SourceDocument(content=raw, sha256=hashlib.sha256(raw).hexdigest(), origin=origin, media_type=media_type)
