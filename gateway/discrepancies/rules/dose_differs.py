"""The same medicine in another dose: daily amounts more than the threshold apart, or amount and interval where there is
no daily amount (weekly against daily)."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.doses import compared, daily_by_list, differ, ratio_words
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if len(view.received()) < 2:
        yield Cannot("fewer than two lists were received")
        return
    share = pack.thresholds.dose_difference_share
    for row in view.rows:
        totals = daily_by_list(view, row)
        if len(totals) > 1 and not differ(totals, share):
            continue
        for line in view.current_lines(row):
            if not compared(line, share):
                continue
            values = [(e.list, dose(e)) for e in line]
            yield Raised(
                message=f"{row.medicine}: the dose differs{ratio_words(line)}. {by_value(values)}.",
                rows=(row.id,),
                entries=tuple(e.id for e in line),
                evidence=tuple(f"{e.id}#dose" for e in line),
                settle="Check which dose is meant now, and why it was changed.",
            )
