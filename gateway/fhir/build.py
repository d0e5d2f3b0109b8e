"""Write a reconciliation as an R4 Bundle through fhir.resources, which checks structure as it builds.

One List per source, one MedicationStatement per entry, one DetectedIssue per finding, and an OperationOutcome that
names every list that is not complete and every rule that the site has switched off. The gateway's own codes use `BASE`;
nothing is fetched from there.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable
from typing import Any

from fhir.resources.R4B.bundle import Bundle

from gateway.fhir.r4_values import coding, date, date_time, printable, without_controls
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListState, MedicineEntry, MedicineList, PatientIdentity
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER
from gateway.records.reconciliation import Reconciliation

BASE = "https://medrec-gateway.example/fhir"

_STATEMENT_STATUS = {
    "active": "active",
    "on-hold": "on-hold",
    "intended": "intended",
    "completed": "completed",
    "ended": "completed",
    "stopped": "stopped",
    "cancelled": "stopped",
    "declined": "stopped",
    "not-taken": "not-taken",
}
_SEVERITY = {1: "low", 2: "moderate", 3: "high"}
_EMPTY = {ListState.FAILED: "unavailable", ListState.WITHHELD: "withheld"}

Json = dict[str, Any]


def reconciliation_bundle(one: Reconciliation) -> bytes:
    """A collection Bundle as indented UTF-8 JSON with a final newline.

    Raises pydantic's ValidationError if we built something that is no R4; a reconciliation of any input must not.
    """
    patient = patient_resource(one.patient)
    subject = {"reference": _url(patient)}
    statements = {e.id: statement_resource(e, subject) for each in one.lists for e in each.entries}
    resources = [
        patient,
        *(list_resource(each, statements, subject, one.at.isoformat()) for each in one.lists),
        *statements.values(),
        *(issue_resource(d, n, statements, subject, one.at.isoformat()) for n, d in enumerate(one.discrepancies)),
    ]
    outcome = _outcome(one)
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": _url(r), "resource": r} for r in [*resources, *([outcome] if outcome else [])]],
    }
    text: str = Bundle.model_validate(without_controls(bundle)).model_dump_json(indent=2)
    return text.encode() + b"\n"


def identified(kind: str, key: str) -> str:
    """An id that fits FHIR's pattern and is the same for the same key."""
    return hashlib.sha256(f"{kind}|{key}".encode()).hexdigest()[:32]


def _url(resource: Json) -> str:
    return f"urn:uuid:{uuid.UUID(resource['id'])}"


def patient_resource(patient: PatientIdentity | None) -> Json:
    resource: Json = {"resourceType": "Patient"}
    if patient is None:
        return resource | {"id": identified("Patient", "unknown")}
    resource["id"] = identified("Patient", patient.nhs_number or patient.resource or patient.name or "unknown")
    if patient.nhs_number:
        resource["identifier"] = [{"system": NHS_NUMBER, "value": patient.nhs_number}]
    name = {
        "family": patient.family if printable(patient.family) else None,
        "given": [one for one in patient.given if printable(one)],
        "prefix": [patient.prefix] if printable(patient.prefix) else [],
    }
    if name["family"] or name["given"]:
        resource["name"] = [{k: v for k, v in name.items() if v}]
    if patient.gender in {"male", "female", "other", "unknown"}:
        resource["gender"] = patient.gender
    # Some records say "not stated" or give a time; what is no date cannot stand here.
    if birth_date := date(patient.birth_date):
        resource["birthDate"] = birth_date
    return resource


def statement_resource(entry: MedicineEntry, subject: Json) -> Json:
    written = entry.written
    resource: Json = {
        "resourceType": "MedicationStatement",
        "id": identified("MedicationStatement", entry.id),
        "identifier": [{"system": f"{BASE}/entry", "value": entry.id}],
        "status": _status(entry),
        "medicationCodeableConcept": concept(entry),
        "subject": subject,
    }
    texts = [d.text for d in written.dosages if printable(d.text)]
    if texts:
        resource["dosage"] = [{"sequence": n, "text": text} for n, text in enumerate(texts, start=1)]
    notes = [note for note in written.notes if printable(note)]
    if notes:
        resource["note"] = [{"text": note} for note in notes]
    return resource


def _status(entry: MedicineEntry) -> str:
    if entry.written.kind == "MedicationDispense":
        return "active" if entry.current else "completed"
    return _STATEMENT_STATUS.get(entry.written.status, "unknown")


def concept(entry: MedicineEntry) -> Json:
    codings = [made for c in entry.product.codes if (made := coding(c.system, c.code, c.display))]
    text = entry.text if printable(entry.text) else "not stated"
    return {"text": text, **({"coding": codings} if codings else {})}


def list_resource(
    one: MedicineList, statements: dict[str, Json], subject: Json, at: str, address: Callable[[Json], str] = _url
) -> Json:
    own = one.written.as_of
    note = f"List state: {one.state.value}. {' '.join(one.written.causes)}".strip()
    role = f"Taken as {one.role.value}: {one.role_reason}."
    resource: Json = {
        "resourceType": "List",
        "id": identified("List", one.name),
        "status": "current",
        "mode": "snapshot",
        "title": one.name,
        "code": {"coding": [{"system": f"{BASE}/CodeSystem/list-role", "code": one.role.value}]},
        "subject": subject,
        "note": [{"text": note}, {"text": role}],
    }
    # A date of its own that cannot be read does not become today's.
    if stated := date_time(own) if own else at:
        resource["date"] = stated
    if one.entries:
        resource["entry"] = [{"item": {"reference": address(statements[e.id])}} for e in one.entries]
    elif one.state in _EMPTY:
        system = "http://terminology.hl7.org/CodeSystem/list-empty-reason"
        resource["emptyReason"] = {"coding": [{"system": system, "code": _EMPTY[one.state]}]}
    return resource


def issue_resource(
    found: Discrepancy,
    n: int,
    statements: dict[str, Json],
    subject: Json,
    at: str,
    address: Callable[[Json], str] = _url,
) -> Json:
    resource: Json = {
        "resourceType": "DetectedIssue",
        "id": identified("DetectedIssue", f"{n}|{found.rule}|{found.row}|{'|'.join(found.entries)}"),
        "status": "preliminary",
        "code": {"coding": [{"system": f"{BASE}/CodeSystem/discrepancy-rule", "code": found.rule}]},
        "patient": subject,
        "identifiedDateTime": at,
        "detail": f"{found.message} {found.site_words}".strip(),
    }
    if found.severity in _SEVERITY:
        resource["severity"] = _SEVERITY[found.severity]
    implicated = [{"reference": address(statements[e])} for e in found.entries if e in statements]
    if implicated:
        resource["implicated"] = implicated
    return resource


def _outcome(one: Reconciliation) -> Json | None:
    issues = [
        {
            "severity": "warning",
            "code": "incomplete",
            "diagnostics": f"The list {each.name} is {each.state.value}: {' '.join(each.written.causes) or 'no cause'}",
        }
        for each in one.lists
        if each.state is not ListState.COMPLETE
    ]
    issues += [
        {"severity": "information", "code": "informational", "diagnostics": f"Switched off at this site: rule {rule}"}
        for rule in one.switched_off
    ]
    if not issues:
        return None
    return {
        "resourceType": "OperationOutcome",
        "id": identified("OperationOutcome", one.at.isoformat()),
        "issue": issues,
    }
