"""Taken regularly before admission, on no discharge list, and no reason to stop or withhold it is recorded.

A course whose days have passed was finished, not forgotten. What only a pharmacy supplied, and no other list mentions,
counts as taken.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.present import course_is_over, only_supplied, only_when_needed
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.replaced import replacement_of
from gateway.discrepancies.status import gives_reason, is_suspended, plans_restart, stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names, same_words_cause, the_lists
from gateway.records.lists import ListRole
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before = view.with_role(ListRole.PRE_ADMISSION)
    discharge = view.with_role(ListRole.DISCHARGE)
    unsure = []
    for row in view.rows:
        taken = [e for e in view.current_on(row, before) if not only_when_needed(e, view)]
        taken = [e for e in taken if not course_is_over(e, view, pack.clinical.lists.acute_types)]
        taken = taken or only_supplied(view, row)
        if not taken or view.is_on(row, discharge) or _explained(view, row, pack):
            continue
        if view.same_words_on(row, discharge):
            unsure.append(row.medicine)
            continue
        supplied = all(view.role_of(e) is ListRole.SUPPLY for e in taken)
        on, leaving = [e.list for e in taken], names(one.name for one in discharge)
        said = (
            f"was supplied ({names(on)}), is on no other list that was received,"
            if supplied
            else f"is current on {the_lists(on)}"
        )
        yield Raised(
            message=f"{row.medicine} {said} and is missing from the discharge list ({leaving}); no reason is recorded.",
            rows=(row.id,),
            entries=tuple(e.id for e in taken),
            evidence=(*(f"{e.id}#status" for e in taken), *(f"{one.name}#state" for one in discharge)),
            settle="Ask the patient whether it is taken, and who prescribed or sold it."
            if supplied
            else "Ask the discharging team whether it was stopped on purpose.",
        )
    if unsure:
        yield Cannot(same_words_cause(unsure, "missing from the discharge list"))


def _explained(view: RuleView, row: Row, pack: RulePack) -> bool:
    """Stopped with a reason, replaced by name, a course completed at discharge, or suspended with a plan."""
    words = pack.change_words
    if any(gives_reason(e, words) for e in stopped_in_hospital(view, row)) or replacement_of(view, row, words):
        return True
    hospital = view.with_role(ListRole.DISCHARGE, ListRole.INPATIENT)
    listed = [e for one in hospital for e in view.listed[row.id].get(one.name, ())]
    if any(e.written.status == "completed" and view.role_of(e) is ListRole.DISCHARGE for e in listed):
        return True
    return any(is_suspended(e) and (plans_restart(e, words) or gives_reason(e, words)) for e in listed)
