"""Every discrepancy rule on clinical cases: what it must raise, what it must not, and when it cannot look."""

from __future__ import annotations

from collections import Counter
from itertools import permutations

import msgspec
import pytest

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.discrepancies.needs import NEEDS
from gateway.discrepancies.pack import catalogue
from gateway.errors import InputError
from gateway.fhir.read import failed, read_list
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListAsWritten, ListRole, ListState
from gateway.records.reconciliation import Reconciliation
from tests.fhir_builders import Json, bundle, document, patient, request, statement
from tests.unit.discrepancies.rule_cases import AT, Expected, RuleCase, load_cases

CASES = load_cases()
#: Raised by almost any case that is not about codes or allergies; judged only where a case names them.
BACKGROUND = {"uncoded", "allergy-unknown"}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def run(case: RuleCase, knowledge: Knowledge) -> Reconciliation:
    return reconcile(case.written(), knowledge, AT, case.roles())


def medicines(one: Discrepancy, result: Reconciliation) -> set[str]:
    return {row.medicine for row in result.rows if row.id == one.row or set(row.entries) & set(one.entries)}


def fits(expected: Expected, one: Discrepancy, result: Reconciliation) -> bool:
    return (
        one.rule == expected.rule
        and one.severity == expected.severity
        and (expected.medicine is None or any(expected.medicine in m for m in medicines(one, result)))
        and (expected.second_check is None or one.second_check is expected.second_check)
        and (expected.scope is None or one.scope == expected.scope)
        and all(word in one.message for word in expected.words)
    )


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_the_rules_find_what_a_pharmacist_would(case: RuleCase, knowledge: Knowledge) -> None:
    result = run(case, knowledge)
    about = {e.rule for e in case.raised} | set(case.not_raised)
    found = [d for d in result.discrepancies if d.rule not in BACKGROUND - about]
    said = [f"{d.rule} {d.severity}{' second check' if d.second_check else ''}: {d.message}" for d in found]
    left = list(found)
    for expected in case.raised:
        hit = next((d for d in left if fits(expected, d, result)), None)
        assert hit is not None, (f"{expected} was not raised", said)
        left.remove(hit)
    assert not left, ("not expected", [f"{d.rule} {d.severity}: {d.message}" for d in left])
    causes = {n.rule: n.cause for n in result.not_evaluated}
    for rule in case.not_raised:
        assert rule in case.not_evaluated or rule not in causes, f"{rule} was not looked at: {causes[rule]}"
    for rule, words in case.not_evaluated.items():
        assert rule in causes, f"{rule} was evaluated"
        assert words in causes[rule]


def test_all_43_rules_are_evaluated(knowledge: Knowledge) -> None:
    lines = catalogue(knowledge.rules)
    assert [line.number for line in lines] == list(range(1, 44))
    assert [line.id for line in lines if not line.evaluated] == []
    assert {need for rule in knowledge.rules.rules for need in rule.needs} == set(NEEDS) & set(knowledge.rules.data)


def test_every_rule_has_cases_for_and_against(knowledge: Knowledge) -> None:
    raised = Counter(rule for case in CASES for rule in {e.rule for e in case.raised})
    refused = Counter(rule for case in CASES for rule in case.not_raised if rule not in case.not_evaluated)
    for one in knowledge.rules.interplay.raises:  # it makes no findings of its own, and asks for a second check
        raised[one.rule] = sum(any(e.second_check is True for e in case.raised) for case in CASES)
        refused[one.rule] = sum(any(e.second_check is False for e in case.raised) for case in CASES)
    could_not = {rule for case in CASES for rule in case.not_evaluated}
    for rule in knowledge.rules.rules:
        assert raised[rule.id] >= 2, rule.id
        assert refused[rule.id] >= 2, rule.id
        assert rule.id in could_not or not rule.needs, rule.id
    assert len({case.id for case in CASES}) == len(CASES)
    assert set(raised) | set(refused) <= {rule.id for rule in knowledge.rules.rules}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_evidence_exists_and_one_cause_is_told_once(case: RuleCase, knowledge: Knowledge) -> None:
    result = run(case, knowledge)
    known = {one.name for one in result.lists} | set(result.entries())
    known |= {allergy.id for one in result.lists for allergy in one.written.allergies}
    known |= {c.id for one in result.lists for c in one.written.conditions}
    known |= {o.id for one in result.lists for o in one.written.observations}
    for one in result.discrepancies:
        assert one.evidence, one.message
        assert {pointer.rpartition("#")[0] for pointer in one.evidence} <= known
        assert all(pointer.rpartition("#")[2] for pointer in one.evidence)
        assert set(one.entries) <= set(result.entries())
        assert one.row is None or one.row in {row.id for row in result.rows}
        assert one.message.endswith("."), one.message
        assert one.settle.endswith("."), one.settle
    for line in knowledge.rules.interplay.absorbs:
        if line.where == "entries":
            for winner in (d for d in result.discrepancies if d.rule == line.by):
                left = [
                    d for d in result.discrepancies if d.rule in line.absorbs and set(d.entries) & set(winner.entries)
                ]
                assert not left, (winner.message, [d.message for d in left])


@pytest.mark.parametrize("case", [c for c in CASES if len(c.lists) > 1], ids=lambda case: case.id)
def test_the_order_of_lists_changes_nothing(case: RuleCase, knowledge: Knowledge) -> None:
    written = case.written()
    results = [reconcile(order, knowledge, AT, case.roles()) for order in permutations(written)]
    found = [(r.discrepancies, r.not_evaluated) for r in results]
    assert all(one == found[0] for one in found[1:])


@pytest.mark.parametrize("case", [c for c in CASES if len(c.lists) > 1], ids=lambda case: case.id)
@pytest.mark.parametrize("state", [ListState.FAILED, ListState.PARTIAL])
def test_nothing_is_said_to_be_missing_from_a_list_that_is_not_complete(
    case: RuleCase, state: ListState, knowledge: Knowledge
) -> None:
    for broken in case.lists:
        written = [_broken(one, state) if one.name == broken else one for one in case.written()]
        result = reconcile(written, knowledge, AT, case.roles())
        absent = [d for d in result.discrepancies if f"{broken}#state" in d.evidence and d.rule != "source-incomplete"]
        assert not absent, [d.message for d in absent]
        assert any(d.rule == "source-incomplete" and f"{broken}#state" in d.evidence for d in result.discrepancies)
        rules, role = {d.rule for d in result.discrepancies}, case.roles()[broken]
        if role is ListRole.DISCHARGE:
            assert not rules & {"omission", "probable-switch"}
        if role is ListRole.PRE_ADMISSION:
            assert "new-no-indication" not in rules


def _broken(one: ListAsWritten, state: ListState) -> ListAsWritten:
    if state is ListState.FAILED:
        return failed(one.name, InputError("the source did not answer"))
    half = one.entries[: len(one.entries) // 2]
    return msgspec.structs.replace(one, state=state, entries=half, causes=("a page is missing",))


def test_a_dose_that_is_no_number_costs_its_entry_and_not_a_false_finding(knowledge: Knowledge) -> None:
    def dosage(value: float) -> list[Json]:
        timing = {"repeat": {"frequency": 2, "period": 1, "periodUnit": "d"}}
        return [{"timing": timing, "doseAndRate": [{"doseQuantity": {"value": value, "unit": "mg"}}]}]

    gp = bundle(patient(), statement("1", "Apixaban 5mg tablets", dose="One tablet twice a day"))
    ward = bundle(
        patient(),
        request("1", "Apixaban 5mg tablets", dosageInstruction=dosage(float("nan"))),
        request("2", "Ramipril 5mg capsules", dosageInstruction=dosage(2.5), reasonCode=[{"text": "Heart failure"}]),
    )
    lists = [read_list("gp", [document(gp)]), read_list("discharge", [document(ward)])]
    result = reconcile(lists, knowledge, AT, {"gp": ListRole.PRE_ADMISSION, "discharge": ListRole.DISCHARGE})
    assert [q.resource for one in result.lists for q in one.written.quarantined] == ["MedicationRequest/1"]
    assert [d.rule for d in result.discrepancies if d.rule not in BACKGROUND] == ["source-incomplete"]
    assert "omission" in {n.rule for n in result.not_evaluated}
    assert not any("nan" in d.message.lower().split() for d in result.discrepancies)
