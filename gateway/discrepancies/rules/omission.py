"""Taken regularly before admission, on no discharge list, and no reason to stop or withhold it is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole, ListState


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    discharge = view.discharge()
    before = view.with_role(ListRole.PRE_ADMISSION)
    if discharge is None:
        yield Cannot("no discharge list was received, or more than one")
        return
    if not before:
        yield Cannot("no list from before admission was received")
        return
    if discharge.state is not ListState.COMPLETE:
        words = absence_words(discharge.state).lower()
        yield Cannot(
            f"the discharge list {discharge.name} is {discharge.state.value}, so absence from it means {words}"
        )
        return
    for row in view.rows:
        mine = [e for e in view.current[row.id] if e.list in {b.name for b in before}]
        regular = [e for e in mine if not (e.dose.parsed and all(s.as_needed for s in e.dose.sequence))]
        if not regular or any(e.list == discharge.name for e in view.entries(row)):
            continue
        lists = names(e.list for e in regular)
        yield Raised(
            message=f"{row.medicine} is on {lists} and not on the discharge list {discharge.name}, without a reason.",
            rows=(row.id,),
            entries=tuple(e.id for e in regular),
            evidence=(*(f"{e.id}#status" for e in regular), f"{discharge.name}#state"),
            settle="Ask the prescriber whether it was stopped on purpose.",
        )
