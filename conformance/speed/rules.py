"""What the discrepancy rules cost: all of them together for one patient with 4 lists of 15, and the dearest ones alone.

The lists play all four roles, so that no rule is idle for want of a list.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

from gateway.actions.reconcile import Knowledge
from gateway.discrepancies.evaluate import evaluate
from gateway.discrepancies.registry import run_of
from gateway.discrepancies.view import RuleView
from gateway.matching.rows import match
from gateway.normalise.lists import normalise_list
from gateway.records.lists import GivenRole, ListAsWritten, ListRole

_ROLES = {
    "gp": ListRole.PRE_ADMISSION,
    "pharmacy": ListRole.SUPPLY,
    "ward": ListRole.INPATIENT,
    "clinic": ListRole.DISCHARGE,
}
ALL = "all rules: 4 lists of 15, warm, processor time"


def rule_times(
    written: list[ListAsWritten], knowledge: Knowledge, at: dt.date, repeats: int, dearest: int = 3
) -> dict[str, list[float]]:
    """Milliseconds of processor time of each of `repeats` warm runs: of everything, and of the `dearest` rules alone.

    Processor time, because other programs of a busy machine interrupt a run of two milliseconds for longer than it
    takes. A rule alone finds the doses worked out already.
    """
    lists = tuple(
        normalise_list(one, knowledge.vocabulary, at, GivenRole(_ROLES[one.name], "as measured")) for one in written
    )
    matching = match(lists, knowledge.vocabulary)

    def view() -> RuleView:
        return RuleView.build(None, at, lists, matching, knowledge.vocabulary)

    found = {ALL: _took(lambda: evaluate(view(), knowledge.rules), repeats)}
    seen = view()
    evaluate(seen, knowledge.rules)
    alone = {}
    for rule in knowledge.rules.rules:
        if run := run_of(rule.id):
            alone[rule.id] = _took(lambda run=run: list(run(seen, knowledge.rules)), repeats // 4)  # type: ignore[misc]
    by_cost = sorted(alone, key=lambda rule: -sorted(alone[rule])[len(alone[rule]) // 2])
    return found | {f"  the rule {rule}, alone": alone[rule] for rule in by_cost[:dearest]}


def _took(work: Callable[[], object], repeats: int) -> list[float]:
    work()
    took = []
    for _ in range(repeats):
        start = time.thread_time()
        work()
        took.append((time.thread_time() - start) * 1000)
    return took
