"""Current on some complete list and on none of the other complete lists, where no list has the discharge role."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if view.with_role(ListRole.DISCHARGE):
        yield Cannot("a discharge list was received, so omission and commission look at this")
        return
    complete = {one.name: one for one in view.complete()}
    if len(complete) < 2:
        yield Cannot("fewer than two lists are complete")
        return
    for row in view.rows:
        on = {e.list for e in view.current[row.id]} & set(complete)
        # A list of supplies is no list of everything that is taken: absence from it says nothing.
        others = {n for n, one in complete.items() if n not in on and one.role is not ListRole.SUPPLY}
        if len(on) != 1 or not others or {e.list for e in view.current[row.id]} - on:
            continue
        entries = [e for e in view.current[row.id] if e.list in on]
        yield Raised(
            message=f"{row.medicine} is on {names(on)} only, and not on {names(others)}.",
            rows=(row.id,),
            entries=tuple(e.id for e in entries),
            evidence=(*(f"{e.id}#status" for e in entries), *(f"{n}#state" for n in sorted(others))),
            settle="Ask the patient whether it is taken.",
        )
