"""To be taken only when needed on one list, regularly on another.

"Up to four times a day" says neither. By another route another rule speaks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gateway.discrepancies.amounts import Regimen
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.routes import by_route
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for line in view.current_lines(row):
            for same_route in by_route(line):
                read = [(e, needed) for e in same_route if (needed := _needed(e, view.regimen(e))) is not None]
                if {needed for _, needed in read} != {True, False} or _both_ways(read, view, row):
                    continue
                yield Raised(
                    message=f"{row.medicine} is taken when needed on one list and regularly on another. "
                    f"{by_value((e.list, dose(e, view)) for e, _ in read)}.",
                    rows=(row.id,),
                    entries=tuple(e.id for e, _ in read),
                    evidence=tuple(f"{e.id}#dose" for e, _ in read),
                    settle="Ask how the patient takes it.",
                )


def _both_ways(read: list[tuple[MedicineEntry, bool]], view: RuleView, row: Row) -> bool:
    """Every list that disagrees has the same product both ways (a regular dose, and more when needed)."""
    ways = []
    for entry, _ in read:
        key = _product(entry)
        here = [e for e in view.current[row.id].get(entry.list, ()) if _product(e) == key]
        ways.append({needed for e in here if (needed := _needed(e, view.regimen(e))) is not None})
    return not any(a.isdisjoint(b) for a, b in combinations(ways, 2))


def _product(entry: MedicineEntry) -> tuple[object, ...]:
    return (entry.product.strengths, entry.product.form, entry.product.release)


def _needed(entry: MedicineEntry, regimen: Regimen | None) -> bool | None:
    """None where the record leaves it open."""
    if regimen is None or regimen.as_needed is None:
        return None
    if not regimen.as_needed and all(s.frequency is None and s.frequency_max for s in entry.dose.sequence):
        return None
    return regimen.as_needed
