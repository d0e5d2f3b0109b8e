"""Taken regularly before admission, on no discharge list, and no reason to stop or withhold it is recorded.

What only a pharmacy supplied, and no other list mentions, counts as taken.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.amounts import course_days
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import gives_reason, is_suspended, last_seen, plans_restart, stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before = view.with_role(ListRole.PRE_ADMISSION)
    discharge = view.with_role(ListRole.DISCHARGE)
    for row in view.rows:
        taken = [e for e in view.current_on(row, before) if not _only_when_needed(e, view)]
        taken = taken or _only_supplied(view, row)
        if not taken or view.is_on(row, discharge) or _explained(view, row, pack):
            continue
        supplied = all(view.role_of(e) is ListRole.SUPPLY for e in taken)
        on, leaving = names(e.list for e in taken), names(one.name for one in discharge)
        said = f"was supplied ({on}), is on no other list that was received," if supplied else f"is current on {on}"
        yield Raised(
            message=f"{row.medicine} {said} and is missing from the discharge list ({leaving}); no reason is recorded.",
            rows=(row.id,),
            entries=tuple(e.id for e in taken),
            evidence=(*(f"{e.id}#status" for e in taken), *(f"{one.name}#state" for one in discharge)),
            settle="Ask the patient whether it is taken, and who prescribed or sold it."
            if supplied
            else "Ask the discharging team whether it was stopped on purpose.",
        )


def _only_supplied(view: RuleView, row: Row) -> list[MedicineEntry]:
    """Supplies of what no other list mentions: bought, or prescribed by somebody whose list is not here."""
    supplies = view.with_role(ListRole.SUPPLY)
    if set(view.listed[row.id]) - {one.name for one in supplies}:
        return []
    taken = [e for e in view.current_on(row, supplies) if not _only_when_needed(e, view)]
    return [e for e in taken if not _course_is_over(e, view)]


def _course_is_over(entry: MedicineEntry, view: RuleView) -> bool:
    """The instruction itself bounds the course ("for 7 days"), and its days have passed since it was handed over."""
    day, days = last_seen(entry), course_days(entry.dose.sequence)
    if day is None or days is None:
        return False
    return dt.date.fromisoformat(day) + dt.timedelta(days=int(days)) < view.at


def _only_when_needed(entry: MedicineEntry, view: RuleView) -> bool:
    regimen = view.regimen(entry)
    return regimen is not None and regimen.as_needed is True


def _explained(view: RuleView, row: Row, pack: RulePack) -> bool:
    """Stopped with a reason, a course completed at discharge, or suspended with a plan."""
    words = pack.change_words
    if any(gives_reason(e, words) for e in stopped_in_hospital(view, row)):
        return True
    hospital = view.with_role(ListRole.DISCHARGE, ListRole.INPATIENT)
    listed = [e for one in hospital for e in view.listed[row.id].get(one.name, ())]
    if any(e.written.status == "completed" and view.role_of(e) is ListRole.DISCHARGE for e in listed):
        return True
    return any(is_suspended(e) and (plans_restart(e, words) or gives_reason(e, words)) for e in listed)
