"""Run every rule of the pack, grade what it raises, join what one cause explains, and sort.

The result is the same for the same input in any order.
"""

from __future__ import annotations

from gateway.discrepancies.interplay import Graded, absorbed, lifted
from gateway.discrepancies.knowledge import Rule, Severity
from gateway.discrepancies.needs import missing
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.registry import run_of
from gateway.discrepancies.view import RuleView
from gateway.records.discrepancy import Discrepancy, Findings, NotEvaluated
from gateway.records.matching import Row

#: The severity scale in words (rules.yaml).
_SCALE = {0: "cannot be decided", 1: "unlikely to harm", 2: "may harm moderately", 3: "may harm severely"}

NOT_BUILT = "this version does not evaluate this rule yet"


def evaluate(view: RuleView, pack: RulePack) -> Findings:
    """Findings by severity, then rule, then row; every rule that could not look, with its cause."""
    switched_off = pack.switched_off
    lifts = [one for one in pack.interplay.raises if one.rule not in switched_off]
    raising = {one.rule for one in pack.interplay.raises}
    found: list[Graded] = []
    not_evaluated: set[tuple[str, str]] = set()
    for rule in pack.rules:
        if rule.id in switched_off:
            continue
        if rule.id in raising:
            if cause := missing(view, rule.needs):
                not_evaluated.add((rule.id, cause))
            continue
        run = run_of(rule.id)
        cause = NOT_BUILT if run is None else missing(view, rule.needs)
        if run is None or cause is not None:
            not_evaluated.add((rule.id, cause or NOT_BUILT))
            continue
        for one in run(view, pack):
            if isinstance(one, Cannot):
                not_evaluated.add((rule.id, one.cause))
            else:
                found.append(_graded(rule, one, view, pack))
    local, own = pack.thresholds.not_critical_by, pack.graded_by_pack
    kept = [lifted(one, lifts, view, local, own) for one in absorbed(found, pack.interplay.absorbs)]
    order = {row.id: n for n, row in enumerate(view.rows)}
    kept.sort(key=lambda d: (-d.severity, d.rule, order.get(d.row or "", -1), d.entries, d.message))
    return Findings(
        discrepancies=tuple(kept),
        not_evaluated=tuple(NotEvaluated(rule, cause) for rule, cause in sorted(not_evaluated)),
        switched_off=tuple(sorted(switched_off)),
    )


def _graded(rule: Rule, one: Raised, view: RuleView, pack: RulePack) -> Graded:
    rows = [view.row_by_id[row] for row in one.rows]
    severity, why = _severity(rule.severity, one, rows, view, pack)
    by_pack = None
    if rule.id in pack.graded_by_pack:
        by_pack, pack_why = _severity(pack.graded_by_pack[rule.id], one, rows, view, pack)
        if by_pack != severity:
            why = f"{severity}: graded so by this site; in the rule pack {pack_why}"
    return Graded(
        rows=frozenset(one.rows),
        entries=frozenset(one.entries),
        finding=Discrepancy(
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
            pack_severity=by_pack if by_pack != severity else None,
        ),
    )


def _severity(table: Severity, one: Raised, rows: list[Row], view: RuleView, pack: RulePack) -> tuple[int, str]:
    limits = pack.thresholds
    severity, why = table.base, f"{table.base}: {_SCALE[table.base]} (this rule's grade)"
    if one.grade is not None:
        grade = table.grades[one.grade]
        severity, why = grade.severity, f"{grade.severity}: {grade.why}"
    if table.critical is not None and table.critical > severity:
        critical = next(
            (r for r in rows if view.is_critical(r) and r.kind_of_route not in limits.not_critical_by), None
        )
        if critical:
            severity, why = table.critical, f"{table.critical}: {critical.medicine} is on {_whose_list(critical, pack)}"
    if rows and severity > limits.appliance_severity and all(view.is_appliance(r) for r in rows):
        severity, why = limits.appliance_severity, f"{limits.appliance_severity} at most: an appliance, not a medicine"
    return severity, why


def _whose_list(row: Row, pack: RulePack) -> str:
    by_site = pack.site and not set(row.ingredients).isdisjoint(pack.site.critical_medicines)
    return "this site's list of critical medicines" if by_site else "the list of critical medicines"
