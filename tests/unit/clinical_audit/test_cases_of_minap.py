"""tests/cases/audit_minap.yaml: each told stay, and that `$populate` gives the same codes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.actions.populate import populate
from gateway.actions.reconcile import reconcile
from gateway.clinical_audit.facts import case_facts
from gateway.clinical_audit.prefill import answers_from
from gateway.records.lists import ListRole
from tests.fhir_builders import SNOMED, Json
from tests.unit.clinical_audit.ward import AT, DAILY, Ward, left, medicine, written

CASES = yaml.safe_load((Path(__file__).parents[2] / "cases" / "audit_minap.yaml").read_text(encoding="utf-8"))
ROLES = {"before": ListRole.PRE_ADMISSION, "ward": ListRole.INPATIENT, "leaves": ListRole.DISCHARGE}


def resource(one: Any) -> Json:
    if isinstance(one, str):
        return medicine(one)
    return medicine(one["name"], DAILY, effectivePeriod={"start": str(one["from"])})


def given(one: dict[str, str], number: int) -> Json:
    dosage = {"route": {"coding": [{"system": SNOMED, "code": one["route"]}]}} if "route" in one else {}
    return {
        "resourceType": "MedicationAdministration",
        "id": f"g{number}",
        "status": "completed",
        "subject": {"reference": "Patient/p1"},
        "medicationCodeableConcept": {"text": one["name"]},
        "effectiveDateTime": "2026-11-11",
        "dosage": dosage,
    }


@pytest.mark.parametrize("told", CASES, ids=[one["case"] for one in CASES])
def test_a_stay_is_answered_as_a_clerk_would(ward: Ward, told: dict[str, Any]) -> None:
    lists = []
    for name in ROLES:
        if name not in told:
            continue
        resources = [resource(one) for one in told[name]]
        if name == "leaves":
            resources += [given(one, n) for n, one in enumerate(told.get("given", ()))]
            if "stay" in told:
                resources.append(left(told["stay"]) | {"period": {"start": "2026-11-10", "end": "2026-11-20"}})
        lists.append(written(name, *resources))
    vocabulary = ward.knowledge.vocabulary
    facts = case_facts(reconcile(lists, ward.knowledge, AT, ROLES), vocabulary, signed=True)
    found = {a.question: a for a in answers_from(ward.pack, facts, vocabulary)}
    shown = {q: found[q].code or found[q].abstention_code for q in told["answers"]}
    assert shown == told["answers"]
    populated = populate(ward.pack.id, facts, vocabulary, subject="Patient/p1")
    assert populated == {q: a.code for q, a in found.items()}
    assert all(bool(a.code) == bool(a.confidence) for a in found.values())
