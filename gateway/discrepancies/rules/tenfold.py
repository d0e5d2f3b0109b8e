"""Daily amounts about ten or a thousand times apart: a slip of the decimal point or of the unit."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.doses import ratio
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if len(view.received()) < 2:
        yield Cannot("fewer than two lists were received")
        return
    for row in view.rows:
        for line in view.current_lines(row):
            found = ratio(line)
            band = next((b for b in pack.thresholds.tenfold_ratios if found and b.low <= found <= b.high), None)
            if band:
                values = [(e.list, dose(e)) for e in line]
                yield Raised(
                    message=f"{row.medicine}: the doses are {band.words} apart. {by_value(values)}.",
                    rows=(row.id,),
                    entries=tuple(e.id for e in line),
                    evidence=tuple(f"{e.id}#dose" for e in line),
                    settle="Look for a slip of the decimal point or of the unit before anything else.",
                )
