"""Process flags on cases: late, in time, still open, and not evaluated with its cause."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import pytest
import yaml
from msgspec import Struct, field

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.reconciliation_json import as_object
from gateway.fhir.read import read_list
from gateway.records.lists import ListRole
from gateway.records.process import ProcessTimes
from gateway.records.reconciliation import Reconciliation
from tests.fhir_builders import Json, bundle, document, patient, request

FILE = Path(__file__).parents[2] / "cases" / "process_flags.yaml"


class Stay(Struct, frozen=True, forbid_unknown_fields=True):
    status: str
    start: str | None = None
    end: str | None = None
    kind: str = field(name="class", default="IMP")


class Case(Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    say: str
    stay: Stay
    times: dict[str, dt.datetime] = {}
    flags: dict[str, str] = {}
    words: dict[str, tuple[str, ...]] = {}
    not_evaluated: dict[str, str] = {}


CASES = [msgspec.convert(one, Case) for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def run(case: Case, knowledge: Knowledge) -> Reconciliation:
    period = {k: v for k, v in {"start": case.stay.start, "end": case.stay.end}.items() if v}
    stay: Json = {
        "resourceType": "Encounter",
        "id": "e1",
        "status": case.stay.status,
        "class": {"code": case.stay.kind},
    }
    stay |= {"subject": {"reference": "Patient/p1"}} | ({"period": period} if period else {})
    content = bundle(patient(), stay, request("1", "Ramipril 5mg capsules", dose="5 mg once a day"))
    lists = [read_list("hospital", [document(content)])]
    roles = {"hospital": ListRole.DISCHARGE}
    return reconcile(lists, knowledge, dt.date(2026, 11, 24), roles, times=ProcessTimes(**case.times))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_steps_are_late_in_time_or_not_judged(case: Case, knowledge: Knowledge) -> None:
    result = run(case, knowledge)
    states = {flag.flag: flag.state.value for flag in result.process}
    causes = {n.rule: n.cause for n in result.not_evaluated}
    assert case.flags.items() <= states.items()
    for flag, words in case.words.items():
        message = next(f.message for f in result.process if f.flag == flag)
        assert all(word in message for word in words), message
    for flag, cause in case.not_evaluated.items():
        assert cause in causes[flag]
    for limit in knowledge.rules.clinical.process.flags:
        assert (limit.id in states) != (limit.id in causes), "each flag is judged, or its cause is said"
    for shown in result.process:
        assert shown.evidence in {("hospital/Encounter/e1#start",), ("hospital/Encounter/e1#end",)}
        assert shown.message.endswith(".")


def test_every_flag_has_cases_late_in_time_and_not_judged(knowledge: Knowledge) -> None:
    for limit in knowledge.rules.clinical.process.flags:
        assert {"late", "in-time"} <= {state for c in CASES for flag, state in c.flags.items() if flag == limit.id}
        assert any(limit.id in c.not_evaluated for c in CASES)


def test_flags_are_in_the_output(knowledge: Knowledge) -> None:
    shown = as_object(run(CASES[1], knowledge))["process"]
    assert [(one["flag"], one["state"]) for one in shown] == [("admission-reconciled-late", "late")]
    assert shown[0]["due"] == "2026-11-21T14:00+00:00"
