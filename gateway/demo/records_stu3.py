"""The people's records as STU3 (GP Connect style) JSON: a statement, its plan and an order for each medicine."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gateway.demo.records_r4 import NHS_NUMBER, SNOMED, day
from gateway.demo.stories import StoryAllergy, StoryMedicine, StoryPatient

Tree = dict[str, Any]

_PROFILES = "https://fhir.nhs.uk/STU3/StructureDefinition"
_MEDICATIONS = ("933361000000108", "Medications and medical devices")
_ALLERGIES = ("886921000000105", "Allergies and adverse reactions")


def structured_record(one: StoryPatient, organisation: str, now: dt.datetime) -> Tree:
    """The Bundle that `$gpc.getstructuredrecord` answers with."""
    resources: list[Tree] = [
        _patient(one),
        {"resourceType": "Organization", "id": "practice", "name": organisation},
    ]
    statements, allergies = [], []
    for number, medicine in enumerate(one.gp.medicines, start=1):
        made = _medicine(one, medicine, number, now)
        statements.append(f"MedicationStatement/{made[0]['id']}")
        resources += made
    for number, allergy in enumerate(one.allergies, start=1):
        if "gp" in allergy.on:
            resource = _allergy(one, allergy, number, now)
            allergies.append(f"AllergyIntolerance/{resource['id']}")
            resources.append(resource)
    resources.append(_list(one, _MEDICATIONS, statements, now))
    resources.append(_list(one, _ALLERGIES, allergies, now))
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def _patient(one: StoryPatient) -> Tree:
    return {
        "resourceType": "Patient",
        "id": f"gp-{one.key}",
        "meta": {"profile": [f"{_PROFILES}/CareConnect-GPC-Patient-1"]},
        "identifier": [{"system": NHS_NUMBER, "value": one.nhs_number}],
        "active": True,
        "name": [
            {"use": "official", "family": one.name.family, "given": [one.name.given], "prefix": [one.name.prefix]}
        ],
        "gender": one.gender,
        "birthDate": one.born,
    }


def _medicine(one: StoryPatient, medicine: StoryMedicine, number: int, now: dt.datetime) -> list[Tree]:
    """Statement, plan, order and Medication: GP Connect spreads one medicine over them."""
    key = f"{one.key}-{number}"
    subject = {"reference": f"Patient/gp-{one.key}"}
    drug = {"reference": f"Medication/{key}"}
    dosage = [{"text": medicine.dose}]
    code: Tree = {"text": medicine.name}
    if medicine.code:
        code["coding"] = [{"system": SNOMED, "code": medicine.code, "display": medicine.name}]
    statement: Tree = {
        "resourceType": "MedicationStatement",
        "id": f"{key}-s",
        "meta": {"profile": [f"{_PROFILES}/CareConnect-GPC-MedicationStatement-1"]},
        "extension": [
            {
                "url": f"{_PROFILES}/Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1",
                "valueDateTime": day(now, medicine.issued or 0),
            }
        ],
        "basedOn": [{"reference": f"MedicationRequest/{key}-p"}],
        "status": medicine.status,
        "medicationReference": drug,
        "effectivePeriod": {"start": day(now, medicine.since or 0)},
        "dateAsserted": day(now, medicine.since or 0),
        "subject": subject,
        "taken": "unk",
        "dosage": dosage,
    }
    if medicine.reason_for:
        statement["reasonCode"] = [{"text": medicine.reason_for}]
    plan = _request(f"{key}-p", "plan", subject, drug, dosage, day(now, medicine.since or 0))
    order = _request(f"{key}-o", "order", subject, drug, dosage, day(now, medicine.issued or 0))
    order["basedOn"] = [{"reference": f"MedicationRequest/{key}-p"}]
    order["status"] = "completed"
    return [statement, plan, order, {"resourceType": "Medication", "id": key, "code": code}]


def _request(key: str, intent: str, subject: Tree, drug: Tree, dosage: list[Tree], on: str) -> Tree:
    kind = {"code": "repeat", "display": "Repeat"}
    return {
        "resourceType": "MedicationRequest",
        "id": key,
        "meta": {"profile": [f"{_PROFILES}/CareConnect-GPC-MedicationRequest-1"]},
        "extension": [
            {
                "url": f"{_PROFILES}/Extension-CareConnect-GPC-PrescriptionType-1",
                "valueCodeableConcept": {"coding": [kind]},
            }
        ],
        "status": "active",
        "intent": intent,
        "medicationReference": drug,
        "subject": subject,
        "authoredOn": on,
        "dosageInstruction": dosage,
    }


def _allergy(one: StoryPatient, known: StoryAllergy, number: int, now: dt.datetime) -> Tree:
    code: Tree = {"text": known.text}
    if known.code:
        code["coding"] = [{"system": SNOMED, "code": known.code, "display": known.text}]
    made: Tree = {
        "resourceType": "AllergyIntolerance",
        "id": f"{one.key}-ga{number}",
        "clinicalStatus": "active",
        "verificationStatus": "unconfirmed",
        "category": ["medication"],
        "code": code,
        "patient": {"reference": f"Patient/gp-{one.key}"},
        "assertedDate": known.recorded or day(now, -365),
    }
    if known.criticality:
        made["criticality"] = known.criticality
    if known.reaction:
        made["reaction"] = [{"manifestation": [{"text": known.reaction}]}]
    return made


def _list(one: StoryPatient, code: tuple[str, str], items: list[str], now: dt.datetime) -> Tree:
    made: Tree = {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "title": code[1],
        "code": {"coding": [{"system": SNOMED, "code": code[0], "display": code[1]}]},
        "subject": {"reference": f"Patient/gp-{one.key}"},
        "date": now.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "entry": [{"item": {"reference": item}} for item in items],
    }
    if not items:
        made["emptyReason"] = {"coding": [{"code": "no-content-recorded"}], "text": "No content recorded"}
    return made
