"""The words of a dose and its structure say different things: both are shown, neither is used."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import quoted


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for entry in view.current_entries(row):
            if not entry.dose.disagreement:
                continue
            yield Raised(
                message=f"{row.medicine} on the {entry.list} list, {quoted(entry)}: {entry.dose.disagreement}.",
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#dose",),
                settle="Ask the organisation which of the two is meant.",
            )
