"""On the discharge list, on no list from before admission, and no indication is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import same_words_cause, the_lists
from gateway.records.lists import ListRole, MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before = view.with_role(ListRole.PRE_ADMISSION)
    unsure = []
    for row in view.rows:
        new = view.current_on(row, view.with_role(ListRole.DISCHARGE))
        if not new or view.is_on(row, before) or any(_has_indication(e) for e in new):
            continue
        if view.same_words_on(row, before):
            unsure.append(row.medicine)
            continue
        yield Raised(
            message=f"{row.medicine} is new on {the_lists(e.list for e in new)}, and what it is for is not recorded.",
            rows=(row.id,),
            entries=tuple(e.id for e in new),
            evidence=tuple(f"{e.id}#reason" for e in new),
            settle="Ask the discharging team what it is for and how long it is to be taken.",
        )
    if unsure:
        yield Cannot(same_words_cause(unsure, "new"))


def _has_indication(entry: MedicineEntry) -> bool:
    return any(r.words for r in entry.written.reason) or any(s.as_needed_for for s in entry.dose.sequence)
