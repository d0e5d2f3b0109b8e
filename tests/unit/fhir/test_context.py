"""Conditions, results and indications as a record gives them: refuted, entered in error, limits, references."""

from __future__ import annotations

from typing import Any

from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten
from tests.fhir_builders import SNOMED, Json, bundle, document, patient, request, statement

SUBJECT = {"subject": {"reference": "Patient/p1"}}
GPC = "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-GPC"


def read(*resources: Json) -> ListAsWritten:
    return read_list("one", [document(bundle(patient(), *resources))])


def condition(id_: str, clinical: str = "active", verification: Any = "confirmed") -> Json:
    made: Json = {"resourceType": "Condition", "id": id_, "code": {"text": "Asthma"}}
    made |= {
        "clinicalStatus": {"coding": [{"code": clinical}]},
        "verificationStatus": {"coding": [{"code": verification}]},
    }
    return made | SUBJECT


def test_what_is_over_and_what_was_refuted_are_told_apart() -> None:
    found = read(condition("a"), condition("b", "resolved"), condition("c", "active", "refuted"))
    assert [(c.active, c.refuted) for c in found.conditions] == [(True, False), (False, False), (False, True)]


def test_a_stu3_condition_with_plain_codes_is_read() -> None:
    made = condition("a") | {"clinicalStatus": "resolved", "verificationStatus": "entered-in-error"}
    assert [(c.active, c.refuted) for c in read(made).conditions] == [(False, True)]


def test_a_result_keeps_status_and_limit() -> None:
    made: Json = {"resourceType": "Observation", "id": "o", "status": "final", "code": {"text": "eGFR"}} | SUBJECT
    made |= {
        "valueQuantity": {"value": 90, "unit": "mL/min", "comparator": ">"},
        "effectiveInstant": "2026-10-01T09:00:00Z",
    }
    (one,) = read(made).observations
    assert (one.value, one.comparator, one.status, one.at) == ("90", ">", "final", "2026-10-01T09:00:00Z")


def test_an_indication_by_reference_is_the_words_of_the_condition() -> None:
    asked = request("1", "Salbutamol 100micrograms/dose inhaler", reasonReference=[{"reference": "Condition/a"}])
    (entry,) = read(condition("a"), asked).entries
    assert [reason.words for reason in entry.reason] == ["Asthma"]


def test_an_indication_by_reference_to_what_is_not_there_says_nothing() -> None:
    asked = request("1", "Salbutamol 100micrograms/dose inhaler", reasonReference=[{"reference": "Condition/x"}])
    assert read(asked).entries[0].reason == ()


def test_an_r5_indication_by_reference() -> None:
    asked = request("1", "Salbutamol inhaler", reason=[{"reference": {"reference": "Condition/a"}}])
    assert [reason.words for reason in read(condition("a"), asked).entries[0].reason] == ["Asthma"]


def test_a_plan_gives_its_statement_what_gp_connect_says_of_it() -> None:
    agency = {"coding": [{"system": SNOMED, "code": "prescribed-by-another-organisation"}]}
    extensions = [
        {"url": f"{GPC}-PrescribingAgency-1", "valueCodeableConcept": agency},
        {"url": f"{GPC}-DosageLastChanged-1", "valueDateTime": "2026-10-20"},
    ]
    plan = request("p", "Methotrexate 2.5mg tablets", intent="plan", extension=extensions)
    own = statement("s", "Methotrexate 2.5mg tablets", basedOn=[{"reference": "MedicationRequest/p"}])
    (entry,) = read(own, plan).entries
    assert (entry.prescribed_elsewhere, entry.change_note) == ("prescribed-by-another-organisation", "2026-10-20")
