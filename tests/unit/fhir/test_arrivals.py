"""Encounters and the Patients they name: ward and bed apart, nobody guessed."""

from __future__ import annotations

from typing import Any

from gateway.fhir.arrivals import arrivals, patient_ids
from gateway.records.nhs_number import SYSTEM


def place(said: str, kind: str | None = None, status: str = "active") -> dict[str, Any]:
    made: dict[str, Any] = {"location": {"display": said}, "status": status}
    if kind:
        made["physicalType"] = {"coding": [{"code": kind}]}
    return made


def stay(**fields: Any) -> dict[str, Any]:
    return {
        "resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"}, "period": {"start": "2026-11-20T08:00:00Z"},
    } | fields  # fmt: skip


PATIENT = {
    "resourceType": "Patient", "id": "p1", "identifier": [{"system": SYSTEM, "value": "999 000 0018"}],
    "name": [{"family": "Example", "given": ["Ann"]}],
}  # fmt: skip


def test_ward_and_bed_are_told_apart_by_the_kind_of_place() -> None:
    moved = [place("Ward 1", "wa", "completed"), place("C4", "bd"), place("Ward 12", "wa")]
    (one,) = arrivals([stay(location=moved), PATIENT], "hospital")
    assert (one.encounter.location, one.encounter.bed) == ("Ward 12", "C4")
    assert one.patient is not None
    assert (one.patient.nhs_number, one.why) == ("9990000018", None)


def test_a_place_in_one_text_is_not_taken_apart() -> None:
    (one,) = arrivals([stay(location=[place("Ward 12, bed C4")]), PATIENT], "hospital")
    assert (one.encounter.location, one.encounter.bed) == ("Ward 12, bed C4", None)


def test_the_planned_discharge_of_r5_and_of_its_extension() -> None:
    url = "http://hl7.org/fhir/5.0/StructureDefinition/extension-Encounter.plannedEndDate"
    extended = stay(extension=[{"url": url, "valueDateTime": "2026-11-25T12:00:00Z"}])
    for one in (stay(plannedEndDate="2026-11-25T12:00:00Z"), extended):
        assert arrivals([one, PATIENT], "h")[0].encounter.planned_end == "2026-11-25T12:00:00Z"


def test_a_patient_named_by_identifier_alone() -> None:
    about = {"identifier": {"system": SYSTEM, "value": "9990000018"}, "display": "Ann Example"}
    (one,) = arrivals([stay(subject=about)], "hospital")
    assert one.patient is not None
    assert (one.patient.nhs_number, one.patient.name) == ("9990000018", "Ann Example")


def test_who_it_is_stays_open_where_the_record_does_not_say() -> None:
    assert arrivals([stay()], "h")[0].why == "its Patient was not received"
    assert arrivals([stay(subject=None)], "h")[0].why == "the stay names no patient"
    wrong = PATIENT | {"identifier": [{"system": SYSTEM, "value": "9990000019"}]}
    (one,) = arrivals([stay(), wrong], "h")
    assert one.patient is not None
    assert one.patient.nhs_number is None
    assert one.why == "the NHS number has a wrong check digit and is not used"


def test_the_patients_to_read_each_once() -> None:
    assert patient_ids([stay(), stay(id="e2"), stay(subject={"reference": "Group/g1"}), PATIENT]) == ("p1",)
