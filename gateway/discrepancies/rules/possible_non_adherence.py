"""A regular medicine without a supply in twice the time that its last supply lasts, where all supplies are known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended, last_day
from gateway.discrepancies.supplies import days_of
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before, supplies = view.with_role(ListRole.PRE_ADMISSION), view.with_role(ListRole.SUPPLY)
    never = []
    for row in view.rows:
        taken = [e for e in view.current_on(row, before) if not is_suspended(e) and _regular(e, view)]
        if not taken or view.is_appliance(row) or row.kind_of_route not in {None, *pack.thresholds.systemic_kinds}:
            continue
        handed = [
            (day, e)
            for one in supplies
            for e in view.listed[row.id].get(one.name, ())
            if (day := last_day(e.written.handed_over))
        ]
        if not handed:
            never.append(row.medicine)
            continue
        day, supply = max(handed, key=lambda pair: (pair[0], pair[1].id))
        days = days_of(supply)
        gone = (view.at - dt.date.fromisoformat(day)).days
        if gone > days * pack.thresholds.supply_times:
            yield _raised(row, taken, supply, day, days, gone)
    if never:
        yield Cannot(f"no supply was received from which to tell how long one lasts: {listed(never)}")


def _regular(entry: MedicineEntry, view: RuleView) -> bool:
    """A dose that was not read may be one for when it is needed."""
    regimen = view.regimen(entry)
    return regimen is not None and regimen.as_needed is False


def _raised(row: Row, taken: list[MedicineEntry], supply: MedicineEntry, day: str, days: int, gone: int) -> Raised:
    said = f"for {days} days" if supply.written.days_supply else f"(taken to last {days} days)"
    return Raised(
        message=f"{row.medicine} is to be taken regularly ({names(e.list for e in taken)}), and its last supply on "
        f"{supply.list} was {gone} days ago ({day}) {said}.",
        rows=(row.id,),
        entries=(*(e.id for e in taken), supply.id),
        evidence=(*(f"{e.id}#status" for e in taken), f"{supply.id}#supply"),
        settle="Ask the patient whether and how it is taken, and whether another pharmacy supplies it.",
    )
