"""What is known of a stay, as the launch contexts that the expressions of our Questionnaires read: Bundles.

`case` holds how it ended, allergies, conditions and the process. Each time-point has a Bundle of its medicines; its
List says what absence means: `nilknown` that it means "No", `unavailable` that nothing tells of this time, our own
code otherwise. A Bundle without its List answers nothing.
"""

from __future__ import annotations

from typing import Any

from gateway.fhir.sdc.names import ALLERGEN, DAILY_MG, EMPTY, FACT, MEDICINE, MOMENT, SNOMED, camel, codes_of
from gateway.records.audit import CaseFacts, MedicineFact, Moment, Standing, TimePoint

Json = dict[str, Any]
_STATUS = {Standing.TAKEN: "active", Standing.NOT_TAKEN: "not-taken", Standing.UNCLEAR: "unknown"}
_DISPOSITION = "http://terminology.hl7.org/CodeSystem/discharge-disposition"
_CLASS = "http://terminology.hl7.org/CodeSystem/v3-ActCode"


def launch_contexts(facts: CaseFacts, subject: str) -> dict[str, Json]:
    """By name; `subject` is the reference of the patient."""
    of: Json = {"reference": subject}
    found = {"case": _bundle(_case(facts, of))}
    for when, moment in facts.moments.items():
        statements = [_statement(when, fact, of) for fact in moment.medicines]
        found[camel(when)] = _bundle([_list(when, moment, of), *statements])
    return found


def _bundle(resources: list[Json]) -> Json:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def _case(facts: CaseFacts, of: Json) -> list[Json]:
    resources: list[Json] = []
    if facts.ended:
        coding = [{"system": _DISPOSITION, "code": code} for code in facts.ended.names]
        resources.append(
            {
                "resourceType": "Encounter",
                "status": "finished",
                "class": {"system": _CLASS, "code": "IMP"},
                "subject": of,
                "hospitalization": {"dischargeDisposition": {"coding": coding}},
            }
        )
    resources += [
        {
            "resourceType": "AllergyIntolerance",
            "patient": of,
            "code": {"coding": [{"system": ALLERGEN, "code": name} for name in one.names], "text": one.evidence.words},
        }
        for one in facts.allergies
    ]
    resources += [
        {
            "resourceType": "Condition",
            "subject": of,
            "code": {"coding": [{"system": SNOMED, "code": name} for name in one.names]},
        }
        for one in facts.conditions
    ]
    resources += [_observation(flag, of) | {"valueString": state} for flag, state in facts.process.items()]
    if facts.intents_gap is None:
        intents = ("unintentional", "intentional-undocumented", "intentional-documented")
        resources += [_observation(i, of) | {"valueInteger": facts.intents.get(i, 0)} for i in intents]
    return resources


def _list(when: TimePoint, moment: Moment, of: Json) -> Json:
    if moment.unseen:
        empty = {"coding": [{"system": EMPTY, "code": "unavailable"}], "text": moment.unseen.words}
    elif moment.gap:
        empty = {"coding": [{"system": FACT, "code": moment.gap.code}], "text": moment.gap.words}
    else:
        empty = {"coding": [{"system": EMPTY, "code": "nilknown"}]}
    return {
        "resourceType": "List",
        "status": "current",
        "mode": "snapshot",
        "code": {"coding": [{"system": MOMENT, "code": when.value}]},
        "subject": of,
        "emptyReason": empty,
    }


def _statement(when: TimePoint, fact: MedicineFact, of: Json) -> Json:
    found: Json = {
        "resourceType": "MedicationStatement",
        "status": _STATUS[fact.standing],
        "category": {"coding": [{"system": MOMENT, "code": when.value}]},
        "medicationCodeableConcept": {
            "coding": [{"system": MEDICINE, "code": code} for code in codes_of(fact)],
            "text": fact.medicine,
        },
        "subject": of,
    }
    if fact.daily_mg is not None:
        found["extension"] = [{"url": DAILY_MG, "valueDecimal": float(fact.daily_mg)}]
    if fact.refusals:
        found["statusReason"] = [{"coding": [{"system": SNOMED, "code": code} for code in fact.refusals]}]
    return found


def _observation(code: str, of: Json) -> Json:
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"system": FACT, "code": code}]},
        "subject": of,
    }
