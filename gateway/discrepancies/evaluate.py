"""Run every rule of the pack, grade what it raises, let one finding absorb another, and sort.

The result is the same for the same input in any order.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from gateway.discrepancies.knowledge import Absorb, Rule
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.registry import run_of
from gateway.records.discrepancy import Discrepancy, Findings, NotEvaluated

if TYPE_CHECKING:
    from gateway.discrepancies.view import RuleView

NOT_BUILT = "this version does not evaluate this rule yet"


def evaluate(view: RuleView, pack: RulePack, switched_off: frozenset[str] = frozenset()) -> Findings:
    """Findings by severity, then rule, then row; every rule that could not look, with its cause."""
    raising = {one.rule for one in pack.interplay.raises}
    found: list[Discrepancy] = []
    silent: set[NotEvaluated] = set()
    for rule in pack.rules:
        run = run_of(rule.id)
        if rule.id in switched_off or rule.id in raising:
            continue
        if run is None:
            silent.add(NotEvaluated(rule.id, NOT_BUILT))
            continue
        for one in run(view, pack):
            if isinstance(one, Cannot):
                silent.add(NotEvaluated(rule.id, one.cause))
            else:
                found.append(_graded(rule, one, view, pack))
    kept = _absorbed(found, pack.interplay.absorbs)
    lifted = [_lifted(one, view, pack) for one in kept]
    order = {row.id: n for n, row in enumerate(view.rows)}
    lifted.sort(key=lambda d: (-d.severity, d.rule, order.get(d.row or "", -1), d.entries, d.message))
    return Findings(
        discrepancies=tuple(lifted),
        not_evaluated=tuple(sorted(silent, key=lambda n: (n.rule, n.cause))),
        switched_off=tuple(sorted(switched_off)),
    )


def _graded(rule: Rule, one: Raised, view: RuleView, pack: RulePack) -> Discrepancy:
    rows = [row for row in view.rows if row.id in one.rows]
    grade = rule.severity.grades.get(one.grade or "")
    critical = any(view.is_critical(row) and row.kind_of_route not in pack.thresholds.not_critical_by for row in rows)
    if grade is not None:
        severity, why = grade.severity, grade.why
    elif critical and rule.severity.critical is not None:
        severity, why = rule.severity.critical, "a medicine on the critical list"
    else:
        severity, why = rule.severity.base, f"the rule's own grade: {rule.words.lower()}"
    if rows and all(view.is_appliance(row) for row in rows) and severity > pack.thresholds.appliance_severity:
        severity, why = pack.thresholds.appliance_severity, "an appliance, not a medicine"
    return Discrepancy(
        rule=rule.id,
        rule_version=pack.version,
        scope=one.scope or rule.scope,
        severity=severity,
        message=one.message,
        row=one.rows[0] if one.rows else None,
        entries=tuple(sorted(one.entries)),
        evidence=tuple(dict.fromkeys(one.evidence)),
        severity_reason=why,
        settle=one.settle,
    )


def _absorbed(found: list[Discrepancy], table: Iterable[Absorb]) -> list[Discrepancy]:
    """One cause gives one finding: what is absorbed leaves its evidence, and its severity unless that is lowered."""
    gone: set[int] = set()
    kept = list(found)
    for rule in table:
        for n, winner in enumerate(kept):
            if winner.rule != rule.by:
                continue
            for m, other in enumerate(kept):
                if other.rule in rule.absorbs and m != n and _touch(winner, other, rule.where):
                    gone.add(m)
                    kept[n] = _with(kept[n], other, keep_severity=rule.lowers)
    return [one for n, one in enumerate(kept) if n not in gone]


def _touch(a: Discrepancy, b: Discrepancy, where: str) -> bool:
    if where == "row":
        return a.row is not None and a.row == b.row
    return bool(set(a.entries) & set(b.entries))


def _with(winner: Discrepancy, other: Discrepancy, *, keep_severity: bool) -> Discrepancy:
    evidence = tuple(dict.fromkeys((*winner.evidence, *other.evidence)))
    if keep_severity or other.severity <= winner.severity:
        return msgspec.structs.replace(winner, evidence=evidence)
    return msgspec.structs.replace(
        winner, evidence=evidence, severity=other.severity, severity_reason=other.severity_reason
    )


def _lifted(one: Discrepancy, view: RuleView, pack: RulePack) -> Discrepancy:
    """A rule without findings of its own raises those that concern its class (an anticoagulant change)."""
    rows = {view_row.id: view_row for view_row in view.rows}
    concerned = [rows[r] for r in rows if r == one.row or set(rows[r].entries) & set(one.entries)]
    for lift in pack.interplay.raises:
        if one.rule in lift.findings and any(lift.medicine_class in view.classes_of(row) for row in concerned):
            return msgspec.structs.replace(
                one,
                severity=max(one.severity, lift.severity),
                second_check=one.second_check or lift.second_check,
                severity_reason=f"a change of an {lift.medicine_class}"
                if one.severity < lift.severity
                else one.severity_reason,
            )
    return one
