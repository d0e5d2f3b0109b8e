"""Reading lists: every item that arrived is an entry, set aside, or quarantined, whatever else is wrong with it."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, ListState
from tests.fhir_builders import bundle, dispense, document, patient, request, statement


def read(content: Any, **how: Any) -> ListAsWritten:
    found = read_list("gp", [document(content)], **how)
    assert found.received == len(found.entries) + len(found.set_aside) + len(found.quarantined)
    return found


def test_a_plain_bundle_is_complete() -> None:
    found = read(bundle(patient(), statement("1", "Apixaban 5mg tablets", dose="one twice a day")))
    assert (found.state, found.received, len(found.entries)) == (ListState.COMPLETE, 1, 1)
    entry = found.entries[0]
    assert entry.id == "gp/MedicationStatement/1"
    assert entry.dosages[0].text == "one twice a day"
    assert found.patients[0].nhs_number == "9990000018"


GP_PARTS = (
    request("plan", "Apixaban 5mg tablets", intent="plan", dose="one twice a day"),
    request("o1", "Apixaban 5mg tablets", status="completed", basedOn=[{"reference": "MedicationRequest/plan"}]),
    request("o2", "Apixaban 5mg tablets", status="completed", basedOn=[{"reference": "MedicationRequest/plan"}]),
)


def test_gp_connect_statement_plan_and_orders_are_one_entry() -> None:
    ms = statement("ms", "Apixaban 5mg tablets", taken="unk", basedOn=[{"reference": "MedicationRequest/plan"}])
    found = read(bundle(patient(), ms, *GP_PARTS))
    assert [e.resource for e in found.entries] == ["MedicationStatement/ms"]
    assert found.entries[0].folded == ("MedicationRequest/o1", "MedicationRequest/o2", "MedicationRequest/plan")
    assert found.entries[0].dosages[0].text == "one twice a day"
    assert (found.received, len(found.set_aside)) == (4, 3)
    assert found.fhir_version == "3.0"


def test_a_request_that_two_statements_claim_is_folded_into_neither() -> None:
    both = [statement(n, "Apixaban 5mg tablets", basedOn=[{"reference": "MedicationRequest/o"}]) for n in ("a", "b")]
    found = read(bundle(patient(), *both, request("o", "Apixaban 5mg tablets")))
    assert len(found.entries) == 3


def test_a_plan_without_statement_is_set_aside_with_its_cause() -> None:
    found = read(bundle(patient(), request("plan", "Apixaban 5mg tablets", intent="plan")))
    assert not found.entries
    assert found.set_aside[0].cause == "intent plan, not an order"


@pytest.mark.parametrize(
    ("broken", "cause"),
    [
        ({"status": None}, "no status"),
        ({"status": "bogus"}, "no FHIR status"),
        ({"subject": None}, "which patient"),
        ({"medicationCodeableConcept": None}, "names no medicine"),
        (
            {"medicationCodeableConcept": None, "medicationReference": {"reference": "Medication/gone"}},
            "not in what was received",
        ),
        ({"modifierExtension": [{"url": "http://example.org/not"}]}, "modifier extension"),
        ({"implicitRules": "http://example.org/rules"}, "implicit rules"),
        ({"dateAsserted": "2023-02-29"}, "not in the calendar"),
    ],
)
def test_an_item_that_cannot_be_taken_is_quarantined_and_the_rest_is_read(broken: dict[str, Any], cause: str) -> None:
    bad = {k: v for k, v in (statement("bad", "Ramipril 5mg capsules") | broken).items() if v is not None}
    found = read(bundle(patient(), statement("good", "Apixaban 5mg tablets"), bad))
    assert [e.resource for e in found.entries] == ["MedicationStatement/good"]
    assert found.state is ListState.PARTIAL
    assert cause in found.quarantined[0].cause
    # a person who is to say what it is sees it, but nothing of what may be another patient's
    raw = found.quarantined[0].raw
    assert raw is None if "subject" in broken else raw and '"id": "bad"' in raw


@pytest.mark.parametrize(
    ("inside", "cause"),
    [
        ('"quantity": {"value": NaN}', "NaN"),
        ('"quantity": {"value": 1e400}', "beyond any measure"),
        ('"quantity": {"value": ' + "9" * 5000 + "}", "beyond any measure"),
        ('"status": "stopped"', "twice"),
        ('"note": [{"text": "\\ud800"}]', "half a character"),
        ('"note": [{"text": "\\u0000"}]', "NUL"),
    ],
)
def test_a_fault_inside_one_entry_costs_that_entry_alone(inside: str, cause: str) -> None:
    good = json.dumps(bundle(patient(), statement("good", "Apixaban 5mg tablets"), statement("bad", "Ramipril")))
    text = good.replace('"id": "bad",', f'"id": "bad", {inside},')
    assert text != good
    found = read(text)
    assert [e.resource for e in found.entries] == ["MedicationStatement/good"]
    assert found.quarantined[0].resource == "MedicationStatement/bad"
    assert cause in found.quarantined[0].cause


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "empty"),
        (b"   \n", "empty"),
        (b"<html><body>Sign in</body></html>", "HTML"),
        (b'{"resourceType": "Bundle", "entry": [', "breaks off"),
        (b"\xff\xfe{\x00}\x00", "UTF-16"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b"MSH|^~\\&|", "neither JSON nor XML"),
        (b"[" * 100 + b"]" * 100, "deeper"),
        (b'<!DOCTYPE x [<!ENTITY e "y">]><Bundle xmlns="http://hl7.org/fhir">&e;</Bundle>', "entities"),
        (b'<Bundle xmlns="http://hl7.org/fhir"><entry>', "breaks off"),
        (b'{"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "not-found"}]}', "not-found"),
    ],
)
def test_a_document_that_is_no_fhir_is_a_failed_list_with_its_cause(content: bytes, cause: str) -> None:
    found = read(content)
    assert found.state is ListState.FAILED
    assert cause in " ".join(found.causes)


def test_the_words_of_an_operation_outcome_are_not_repeated() -> None:
    issue = {"severity": "error", "code": "not-found", "diagnostics": "Ann Example 9990000018 is not here"}
    found = read({"resourceType": "OperationOutcome", "issue": [issue]})
    assert "9990000018" not in " ".join(found.causes)


def test_two_patients_in_one_list_are_used_for_nobody() -> None:
    other = statement("2", "Warfarin 3mg tablets") | {"subject": {"reference": "Patient/p2"}}
    found = read(bundle(patient(), patient("p2", "9990000026"), statement("1", "Apixaban 5mg tablets"), other))
    assert (found.state, len(found.entries), len(found.quarantined)) == (ListState.FAILED, 0, 2)
    assert found.causes[0].startswith("wrong-patient")


def test_one_of_two_patients_can_be_asked_for() -> None:
    other = statement("2", "Warfarin 3mg tablets") | {"subject": {"reference": "Patient/p2"}}
    content = bundle(patient(), patient("p2", "9990000026"), statement("1", "Apixaban 5mg tablets"), other)
    found = read(content, patient="9990000026")
    assert [e.resource for e in found.entries] == ["MedicationStatement/2"]
    assert found.set_aside[0].cause == "of another patient than the one asked for"


def test_a_wrong_nhs_check_digit_is_said_and_not_used() -> None:
    found = read(bundle(patient(nhs="9990000019"), statement("1", "Apixaban 5mg tablets")))
    assert found.patients[0].nhs_number is None
    assert "check digit" in found.warnings[0]


def test_exact_copies_are_set_aside_and_two_contents_under_one_id_quarantined() -> None:
    one = statement("1", "Apixaban 5mg tablets")
    assert read(bundle(patient(), one, one)).set_aside[0].cause == "an exact duplicate"
    found = read(bundle(patient(), one, statement("1", "Warfarin 3mg tablets")))
    assert (len(found.entries), len(found.quarantined)) == (0, 2)


@pytest.mark.parametrize(
    ("warning", "state"),
    [
        ("confidential-items", ListState.WITHHELD),
        ("data-in-transit", ListState.PARTIAL),
        ("data-awaiting-filing", ListState.PARTIAL),
    ],
)
def test_gp_connect_list_warnings_make_a_list_incomplete(warning: str, state: ListState) -> None:
    url = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-ListWarningCode-1"
    warned = {"resourceType": "List", "id": "l", "extension": [{"url": url, "valueCode": warning}]}
    assert read(bundle(patient(), statement("1", "Apixaban 5mg tablets"), warned)).state is state


def test_not_taken_and_do_not_perform_stay_entries() -> None:
    no = statement("1", "Apixaban 5mg tablets", taken="n")
    never = request("2", "Penicillin V 250mg tablets", doNotPerform=True)
    found = {e.resource: e for e in read(bundle(patient(), no, never)).entries}
    assert found["MedicationStatement/1"].status == "not-taken"
    assert found["MedicationRequest/2"].do_not_perform


def test_a_page_that_was_announced_and_is_not_there_makes_the_list_partial() -> None:
    links = [{"relation": "self", "url": "http://a/1"}, {"relation": "next", "url": "http://a/2"}]
    first = bundle(patient(), statement("1", "Apixaban 5mg tablets"), link=links)
    assert read(first).state is ListState.PARTIAL
    second = bundle(statement("2", "Ramipril 5mg capsules"), link=[{"relation": "self", "url": "http://a/2"}])
    both = read_list("gp", [document(first, "1"), document(second, "2")])
    assert (both.state, len(both.entries)) == (ListState.COMPLETE, 2)


def test_xml_and_json_of_one_record_read_alike() -> None:
    xml = """<Bundle xmlns="http://hl7.org/fhir"><entry><resource><MedicationStatement><id value="1"/>
      <status value="active"/>
      <medicationCodeableConcept><text value="Apixaban 5mg tablets"/></medicationCodeableConcept>
      <subject><reference value="Patient/p1"/></subject><dosage><text value="one twice a day"/></dosage>
      </MedicationStatement></resource></entry></Bundle>"""
    ours = read(xml).entries[0]
    theirs = read(bundle(statement("1", "Apixaban 5mg tablets", dose="one twice a day"))).entries[0]
    assert (ours.medicine, ours.dosages, ours.id) == (theirs.medicine, theirs.dosages, theirs.id)


def test_r5_medicine_reference_and_adherence() -> None:
    item = {
        "resourceType": "MedicationStatement",
        "id": "1",
        "status": "recorded",
        "subject": {"reference": "Patient/p1"},
        "medication": {"reference": {"reference": "#m"}},
        "contained": [{"resourceType": "Medication", "id": "m", "code": {"text": "Apixaban 5mg tablets"}}],
        "adherence": {"code": {"coding": [{"code": "not-taking"}]}},
    }
    found = read(bundle(patient(), item))
    assert found.fhir_version == "5.0"
    assert found.entries[0].medicine.concept.text == "Apixaban 5mg tablets"
    assert found.entries[0].status == "not-taken"


def test_ndjson_with_a_bad_line_reads_the_others() -> None:
    lines = [json.dumps(patient()), json.dumps(statement("1", "Apixaban 5mg tablets")), '{"resourceType": "Med']
    found = read_list("gp", [document("\n".join(lines), "x.ndjson", "application/fhir+ndjson")])
    assert (found.received, len(found.entries), len(found.quarantined)) == (2, 1, 1)


def test_the_order_of_entries_and_documents_changes_nothing() -> None:
    ms = statement("ms", "Apixaban 5mg tablets", basedOn=[{"reference": "MedicationRequest/plan"}])
    resources = [
        patient(),
        ms,
        *GP_PARTS,
        dispense("d", "Ramipril 5mg capsules"),
        statement("x", "Aspirin", status="bad"),
    ]
    first = read_list("gp", [document(bundle(*resources))])
    for seed in range(20):
        mixed = random.Random(seed).sample(resources, len(resources))
        again = read_list("gp", [document(bundle(*mixed))])
        assert (again.entries, again.set_aside, again.quarantined) == _but_for_document(first, again)


def _but_for_document(first: ListAsWritten, other: ListAsWritten) -> tuple[Any, Any, Any]:
    import msgspec

    sha = other.documents[0]
    entries = tuple(msgspec.structs.replace(e, document=sha) for e in first.entries)
    return entries, first.set_aside, first.quarantined
