"""On the discharge list, while its latest dated status elsewhere is stopped or cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView

_ENDED = {"stopped", "cancelled", "not-taken"}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    discharge = view.discharge()
    if discharge is None:
        yield Cannot("no discharge list was received, or more than one")
        return
    if len(view.received()) < 2:
        yield Cannot("no other list was received beside the discharge list")
        return
    for row in view.rows:
        leaving = [e for e in view.current[row.id] if e.list == discharge.name]
        if not leaving:
            continue
        for one in view.received():
            if one.name == discharge.name:
                continue
            theirs = [e for e in view.entries(row) if e.list == one.name]
            dated = sorted(
                (e for e in theirs if not e.current), key=lambda e: e.written.asserted or e.written.start or ""
            )
            if any(e.current for e in theirs) or not dated or dated[-1].written.status not in _ENDED:
                continue
            last = dated[-1]
            yield Raised(
                message=(
                    f"{row.medicine} is on the discharge list {discharge.name}, and {one.name} says "
                    f"{last.written.status.replace('-', ' ')}."
                ),
                rows=(row.id,),
                entries=(*(e.id for e in leaving), last.id),
                evidence=(f"{last.id}#status", *(f"{e.id}#status" for e in leaving)),
                settle="Ask why it was stopped, and whether starting it again is meant.",
            )
