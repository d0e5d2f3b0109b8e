"""The people's records as R4 (UK Core style) JSON: what the demo's hospital and pharmacy hold."""

from __future__ import annotations

import datetime as dt
from typing import Any

from gateway.demo.stories import CodedTest, Stories, StoryAllergy, StoryMedicine, StoryPatient, StoryResult, Visitor

Tree = dict[str, Any]

SNOMED = "http://snomed.info/sct"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
UCUM = "http://unitsofmeasure.org"
_HOSPITAL_NUMBER = "https://hospital.example/number"
_PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"
_ROUTES = {
    "oral": ("26643006", "Oral"),
    "subcutaneous": ("34206005", "Subcutaneous"),
    "inhalation": ("18679011000001101", "Inhalation"),
    "ophthalmic": ("54485002", "Ophthalmic"),
}
_UNITS = {"mg": "mg", "g": "g", "microgram": "ug"}


def day(now: dt.datetime, offset: float) -> str:
    return (now + dt.timedelta(days=offset)).date().isoformat()


def moment(now: dt.datetime, **offset: float) -> str:
    return (now + dt.timedelta(**offset)).astimezone(dt.UTC).isoformat(timespec="seconds")


def patient(one: StoryPatient | Visitor) -> Tree:
    name = {"use": "official", "family": one.name.family, "given": [one.name.given], "prefix": [one.name.prefix]}
    identifier = (NHS_NUMBER, one.nhs_number) if isinstance(one, StoryPatient) else (_HOSPITAL_NUMBER, one.key)
    return {
        "resourceType": "Patient",
        "id": one.key,
        "identifier": [{"system": identifier[0], "value": identifier[1]}],
        "active": True,
        "name": [name],
        "gender": one.gender,
        "birthDate": one.born,
    }


def hospital_records(one: StoryPatient, stories: Stories, now: dt.datetime) -> list[Tree]:
    """Patient, encounter, conditions, allergies, discharge requests, and the List that names them."""
    subject = {"reference": f"Patient/{one.key}"}
    found: list[Tree] = [patient(one), encounter(one, now)]
    for key in one.conditions:
        known = stories.conditions[key]
        found.append(
            {
                "resourceType": "Condition",
                "id": f"{one.key}-{key}",
                "clinicalStatus": _status("condition-clinical", "active"),
                "code": {"coding": [{"system": SNOMED, "code": known.code, "display": known.display}]},
                "subject": subject,
                "encounter": {"reference": f"Encounter/{one.key}-admission"},
                "recordedDate": day(now, one.admitted),
            }
        )
    found += allergies(one, "hospital", now)
    found += [_result(one, r, stories.tests[r.test], i, now) for i, r in enumerate(one.results, start=1)]
    requests = [_request(one, m, i, now) for i, m in enumerate(one.hospital.medicines, start=1)]
    listing = {
        "resourceType": "List",
        "id": f"{one.key}-discharge",
        "status": "current",
        "mode": "working",
        "title": "Discharge medicines",
        "code": {"coding": [{"system": "http://loinc.org", "code": "10183-2"}], "text": "Discharge medicines"},
        "subject": subject,
        "date": moment(now, hours=-1),
        "entry": [{"item": {"reference": f"MedicationRequest/{r['id']}"}} for r in requests],
    }
    return [*found, *requests, listing]


def pharmacy_records(one: StoryPatient, now: dt.datetime) -> list[Tree]:
    """Patient and one dispense for each supply."""
    found: list[Tree] = [patient(one)]
    for i, medicine in enumerate(one.pharmacy.medicines, start=1):
        found.append(
            {
                "resourceType": "MedicationDispense",
                "id": f"{one.key}-d{i}",
                "status": "completed",
                "medicationCodeableConcept": _medicine(medicine),
                "subject": {"reference": f"Patient/{one.key}"},
                "whenHandedOver": moment(now, days=medicine.handed or 0),
                "daysSupply": {"value": medicine.days, "unit": "days", "system": UCUM, "code": "d"},
                "dosageInstruction": [{"text": medicine.dose}],
            }
        )
    return found


def allergies(one: StoryPatient, organisation: str, now: dt.datetime) -> list[Tree]:
    return [
        _allergy(one, a, i, now) for i, a in enumerate(one.allergies, start=1) if organisation in a.on
    ]  # fmt: skip


def _allergy(one: StoryPatient, known: StoryAllergy, number: int, now: dt.datetime) -> Tree:
    code: Tree = {"text": known.text}
    if known.code:
        code["coding"] = [{"system": SNOMED, "code": known.code, "display": known.text}]
    made: Tree = {
        "resourceType": "AllergyIntolerance",
        "id": f"{one.key}-a{number}",
        "clinicalStatus": _status("allergyintolerance-clinical", "active"),
        "verificationStatus": _status("allergyintolerance-verification", "confirmed"),
        "code": code,
        "patient": {"reference": f"Patient/{one.key}"},
        "recordedDate": known.recorded or day(now, one.admitted),
    }
    if known.criticality:
        made["criticality"] = known.criticality
    if known.reaction:
        made["reaction"] = [{"manifestation": [{"text": known.reaction}]}]
    return made


def _result(one: StoryPatient, known: StoryResult, test: CodedTest, number: int, now: dt.datetime) -> Tree:
    return {
        "resourceType": "Observation",
        "id": f"{one.key}-o{number}",
        "status": "final",
        "code": {"coding": [{"system": "http://loinc.org", "code": test.code, "display": test.display}]},
        "subject": {"reference": f"Patient/{one.key}"},
        "effectiveDateTime": day(now, known.day),
        "valueQuantity": {"value": known.value, "unit": test.unit, "system": UCUM, "code": test.unit},
    }


def _status(system: str, code: str) -> Tree:
    return {"coding": [{"system": f"http://terminology.hl7.org/CodeSystem/{system}", "code": code}]}


def encounter(one: StoryPatient | Visitor, now: dt.datetime) -> Tree:
    return {
        "resourceType": "Encounter",
        "id": f"{one.key}-admission",
        "status": "in-progress",
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "IMP", "display": "inpatient"},
        "subject": {"reference": f"Patient/{one.key}"},
        # The planned end: R4 has no element of its own for it.
        "period": {"start": moment(now, days=one.admitted), "end": moment(now, hours=one.discharge_in_hours)},
        "location": [_place("wa", "Ward", one.ward), _place("bd", "Bed", one.bed)],
    }


def _place(code: str, kind: str, said: str) -> Tree:
    physical = {"coding": [{"system": _PLACE, "code": code, "display": kind}]}
    return {"location": {"display": said}, "status": "active", "physicalType": physical}


def _request(one: StoryPatient, medicine: StoryMedicine, number: int, now: dt.datetime) -> Tree:
    category = {"system": "http://terminology.hl7.org/CodeSystem/medicationrequest-category", "code": "discharge"}
    made: Tree = {
        "resourceType": "MedicationRequest",
        "id": f"{one.key}-r{number}",
        "status": medicine.status,
        "intent": "order",
        "category": [{"coding": [category]}],
        "medicationCodeableConcept": _medicine(medicine),
        "subject": {"reference": f"Patient/{one.key}"},
        "encounter": {"reference": f"Encounter/{one.key}-admission"},
        "authoredOn": day(now, medicine.since or 0),
        "dosageInstruction": [_dosage(medicine)],
    }
    if medicine.reason:
        made["statusReason"] = {"text": medicine.reason}
    if medicine.reason_for:
        made["reasonCode"] = [{"text": medicine.reason_for}]
    if medicine.note:
        made["note"] = [{"text": medicine.note}]
    return made


def _medicine(medicine: StoryMedicine) -> Tree:
    if not medicine.code:
        return {"text": medicine.name}
    return {
        "coding": [{"system": SNOMED, "code": medicine.code, "display": medicine.name}],
        "text": medicine.name,
    }


def _dosage(medicine: StoryMedicine) -> Tree:
    made: Tree = {"text": medicine.dose}
    if medicine.route:
        code, display = _ROUTES[medicine.route]
        made["route"] = {"coding": [{"system": SNOMED, "code": code, "display": display}], "text": display}
    if medicine.amount:
        value, unit, times, period = medicine.amount
        made["timing"] = {"repeat": {"frequency": times, "period": 1, "periodUnit": period}}
        quantity = {"value": value, "unit": unit, "system": UCUM, "code": _UNITS[unit]}
        made["doseAndRate"] = [{"doseQuantity": quantity}]
    return made
