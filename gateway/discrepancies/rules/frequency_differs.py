"""The same daily amount, taken in another number of portions."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.doses import per_hour
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if len(view.received()) < 2:
        yield Cannot("fewer than two lists were received")
        return
    for row in view.rows:
        for line in view.current_lines(row):
            with_daily = [e for e in line if e.dose.daily]
            amounts = {(e.dose.daily.high, e.dose.daily.unit) for e in with_daily if e.dose.daily}
            times = {_times(e) for e in with_daily}
            if len(with_daily) < 2 or len(amounts) != 1 or len(times) < 2:
                continue
            modified = any(e.product.release == "modified" for e in line)
            timed = modified or "dopaminergic" in view.classes_of(row)
            values = by_value([(e.list, dose(e)) for e in with_daily])
            yield Raised(
                message=f"{row.medicine}: the same daily amount, taken differently. {values}.",
                rows=(row.id,),
                entries=tuple(e.id for e in with_daily),
                evidence=tuple(f"{e.id}#dose" for e in with_daily),
                settle="Check how the patient takes it.",
                grade="timing-critical" if timed else None,
            )


def _times(entry: MedicineEntry) -> object:
    return sum(filter(None, (per_hour(s) for s in entry.dose.sequence)))
