"""The words of a dose and its structure say different things: both are shown, neither is used."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if not view.by_id:
        yield Cannot("no medicines were received")
        return
    for row in view.rows:
        for entry in view.current[row.id]:
            if entry.dose.disagreement:
                yield Raised(
                    message=f"{row.medicine} on {entry.list}: {entry.dose.disagreement}.",
                    rows=(row.id,),
                    entries=(entry.id,),
                    evidence=(f"{entry.id}#dose",),
                    settle="Ask the organisation which of the two is meant.",
                    scope="within",
                )
