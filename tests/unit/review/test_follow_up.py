"""Days 7 and 14 after discharge: tests/cases/follow_up.yaml, read by a pharmacist, kept by the gateway."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from gateway.actions.read_change import ChangeFields, read_change
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.errors import InputError
from gateway.fhir.read import failed, read_list
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListAsWritten, ListRole
from gateway.records.reconciliation import Reconciliation
from gateway.review.follow_up import follow_up
from tests.fhir_builders import Json, bundle, dispense, document, patient, request, statement

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "follow_up.yaml").read_text())
DISCHARGE = dt.date(2026, 11, 26)
LAST_DAY = 14
LAST_ISSUED = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-MedicationStatementLastIssueDate-1"
KINDS = {"gp": "gp", "pharmacy": "community-pharmacy", "hospital": "hospital"}
ROLES = {"gp": ListRole.PRE_ADMISSION, "pharmacy": ListRole.SUPPLY, "hospital": ListRole.DISCHARGE}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def resource(name: str, n: int, said: dict[str, Any]) -> Json:
    medicine, _, dose = said["is"].partition(" – ")
    day = (DISCHARGE + dt.timedelta(days=said["issued"])).isoformat() if "issued" in said else said.get("issued-month")
    status = said.get("status", "active")
    if name == "pharmacy":
        assert day
        return dispense(f"d{n}", medicine, handed=day, dosageInstruction=[{"text": dose}])
    if name == "hospital":
        return request(f"r{n}", medicine, dose=dose, status=status)
    if "requested" in said:
        written = (DISCHARGE + dt.timedelta(days=said["requested"])).isoformat()
        return request(f"r{n}", medicine, dose=dose, status=status, authoredOn=written)
    found = statement(f"s{n}", medicine, dose=dose, status=status)
    return found | ({"extension": [{"url": LAST_ISSUED, "valueDateTime": day}]} if day else {})


def lists(said: dict[str, list[dict[str, Any]]], missing: list[str], day: int, knowledge: Knowledge) -> Reconciliation:
    found: list[ListAsWritten] = [failed(name, InputError("no whole answer")) for name in missing]
    for name, medicines in said.items():
        entries = [resource(name, n, one) for n, one in enumerate(medicines)]
        found.append(read_list(name, [document(bundle(patient(), *entries))]))
    named = [msgspec.structs.replace(one, kind=KINDS[one.name]) for one in found]
    return reconcile(named, knowledge, DISCHARGE + dt.timedelta(days=day), ROLES)


def decided(one: Reconciliation, said: dict[str, str], knowledge: Knowledge) -> dict[str, Decision]:
    found = {}
    for medicine, words in said.items():
        row = next(r for r in one.rows if r.medicine == medicine)
        how, _, rest = words.partition(": ")
        made = Decision(row=row.id, outcome=Outcome(how))
        if made.outcome is Outcome.CONTINUE:
            made = msgspec.structs.replace(made, as_on=tuple(e for e in row.entries if e.startswith(f"{rest}/")))
            assert made.as_on
        if made.outcome is Outcome.CHANGE:
            read = read_change(ChangeFields(words=rest), row, knowledge.vocabulary)
            made = msgspec.structs.replace(made, change_to=read.text, understood=read.understood)
        if made.outcome is Outcome.WITHHOLD:
            made = msgspec.structs.replace(made, restart=rest)
        found[row.id] = made
    return found


@pytest.mark.parametrize("case", CASES, ids=[one["case"] for one in CASES])
def test_what_becomes_a_task(case: dict[str, Any], knowledge: Knowledge) -> None:
    signed = lists(case["before"], [], 0, knowledge)
    since = lists(case["since"], case.get("not-received", []), case["day"], knowledge)
    decisions = decided(signed, case["decided"], knowledge)
    found = follow_up(signed, decisions, since, after=DISCHARGE, last=case["day"] == LAST_DAY)
    assert [f"{one.what}: {one.words}" for one in found] == case["tasks"]
    entries = set(since.entries()) | set(signed.entries())
    for one in found:
        # each task shows the entries it rests on; of a list that did not come there are none
        assert one.evidence or one.what == "not-checked" or one.medicine == "atorvastatin"
        assert {e.entry for e in one.evidence} <= entries


def test_the_same_finding_has_the_same_key_on_both_days_and_another_once_it_is_issued_again(
    knowledge: Knowledge,
) -> None:
    simvastatin = "Simvastatin 40mg tablets – One tablet at night"
    signed = lists({"gp": [{"is": simvastatin, "issued": -20}]}, [], 0, knowledge)
    decisions = decided(signed, {"simvastatin": "stop"}, knowledge)

    def key(issued: int, day: int) -> str:
        since = lists({"gp": [{"is": simvastatin, "issued": issued}]}, [], day, knowledge)
        (only,) = follow_up(signed, decisions, since, after=DISCHARGE, last=False)
        return only.key

    assert key(5, 7) == key(5, 14)
    assert key(5, 14) != key(12, 14)


def test_what_was_left_undecided_was_not_signed_and_raises_nothing(knowledge: Knowledge) -> None:
    signed = lists({"gp": [{"is": "Simvastatin 40mg tablets – One tablet at night", "issued": -20}]}, [], 0, knowledge)
    since = lists({"gp": [{"is": "Simvastatin 40mg tablets – One tablet at night", "issued": 5}]}, [], 7, knowledge)
    assert follow_up(signed, {}, since, after=DISCHARGE, last=True) == ()
