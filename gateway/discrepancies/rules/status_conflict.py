"""Current on one list and ended on another; an ended entry counts only where its list holds no later current one."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole

_ENDED = {"stopped", "cancelled", "not-taken", "on-hold"}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if len(view.received()) < 2:
        yield Cannot("fewer than two lists were received")
        return
    for row in view.rows:
        active = [e for e in view.current[row.id] if e.written.status != "on-hold"]
        ended = []
        for one in view.received():
            mine = [e for e in view.entries(row) if e.list == one.name]
            if one.role is ListRole.SUPPLY or any(e in active for e in mine):
                continue
            ended += [e for e in mine if e.written.status in _ENDED]
        others = [e for e in active if e.list not in {x.list for x in ended}]
        if not ended or not others:
            continue
        last = max(ended, key=lambda e: (e.written.asserted or e.written.start or "", e.id))
        said = "suspended" if last.written.status == "on-hold" else last.written.status.replace("-", " ")
        yield Raised(
            message=f"{row.medicine} is current on {names(e.list for e in others)} and {said} on {last.list}.",
            rows=(row.id,),
            entries=(*(e.id for e in others), last.id),
            evidence=(f"{last.id}#status", *(f"{e.id}#status" for e in others)),
            settle="Check which status is the later one, and tell the other organisation.",
        )
