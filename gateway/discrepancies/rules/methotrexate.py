"""Methotrexate by mouth: once a week, on a named day, in one strength of tablet, with a dose that can be read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose, number, the_lists, weekday
from gateway.records.lists import ListRole, MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.high_risk.methotrexate
    for row in view.rows:
        if known.ingredient not in row.ingredients or row.kind_of_route not in {None, "systemic"}:
            continue
        oral = [e for e in view.current_entries(row) if e.route is None or e.route in known.routes]
        faults = [(e, what) for e in oral if (what := _fault(e, view))]
        strengths = {s.value for e in oral for s in e.product.strengths if s.unit == "mg" and s.per_unit is None}
        mixed = strengths.issuperset(known.mixed_strengths_mg)
        days = _weekdays(oral)
        if not faults and not mixed and not days:
            continue
        said = [
            f"{what} on {the_lists(e.list for e, w in faults if w == what)}"
            for what in dict.fromkeys(w for _, w in faults)
        ]
        if mixed:
            tablets = " and ".join(f"{number(s)} mg" for s in known.mixed_strengths_mg)
            said.append(f"tablets of {tablets} are both current")
        if days:
            said.append(f"lists name different days ({days})")
        entries = oral if mixed or days else [e for e, _ in faults]
        yield Raised(
            message=f"{row.medicine} is not safely written: {'; '.join(said)}.",
            rows=(row.id,),
            entries=tuple(e.id for e in entries),
            evidence=tuple(f"{e.id}#{'strength' if mixed else 'dose'}" for e in entries),
            settle="Confirm one weekly dose, the day of the week and one strength of tablet with the prescriber.",
            scope="within" if faults or len({e.list for e in oral}) == 1 else "between",
        )


def _weekdays(oral: list[MedicineEntry]) -> str | None:
    """The days in words where lists name different ones: who takes it by both takes it twice in the week."""
    said = [(e.list, step.days) for e in oral for step in e.dose.sequence if len(step.days) == 1]
    if len({days for _, days in said}) < 2 or len({name for name, _ in said}) < 2:
        return None
    return by_value((name, weekday(days[0])) for name, days in said)


def _fault(entry: MedicineEntry, view: RuleView) -> str | None:
    regimen = view.regimen(entry)
    if regimen is None:
        if view.role_of(entry) is ListRole.SUPPLY and not entry.dose.text:
            return None
        return f"the dose cannot be read ({dose(entry, view)})"
    often = regimen.times_a_day
    if often is None:
        return f"it does not say how often ({dose(entry, view)})"
    if often.high * 7 > Decimal("1.01"):
        return f"more than one dose in seven days ({dose(entry, view)})"
    if not any(step.days for step in entry.dose.sequence):
        return "no day of the week"
    return None
