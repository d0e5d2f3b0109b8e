"""Every discrepancy rule on clinical cases: what it must raise, what it must not, and when it cannot look."""

from __future__ import annotations

import pytest

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.records.discrepancy import Discrepancy
from gateway.records.reconciliation import Reconciliation
from tests.unit.discrepancies.rule_cases import AT, Expected, RuleCase, load_cases

CASES = load_cases()
#: Raised by almost any case that is not about codes or allergies; judged only where a case names them.
BACKGROUND = {"uncoded", "allergy-unknown"}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def run(case: RuleCase, knowledge: Knowledge, *, backwards: bool = False) -> Reconciliation:
    written = case.written()
    return reconcile(written[::-1] if backwards else written, knowledge, AT, case.roles())


def medicines(one: Discrepancy, result: Reconciliation) -> set[str]:
    return {row.medicine for row in result.rows if row.id == one.row or set(row.entries) & set(one.entries)}


def fits(expected: Expected, one: Discrepancy, result: Reconciliation) -> bool:
    return (
        one.rule == expected.rule
        and one.severity == expected.severity
        and (expected.medicine is None or any(expected.medicine in m for m in medicines(one, result)))
        and (expected.second_check is None or one.second_check is expected.second_check)
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
