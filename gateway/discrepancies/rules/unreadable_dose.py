"""A dose that stays text: it is compared by a person."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if not view.by_id:
        yield Cannot("no medicines were received")
        return
    for row in view.rows:
        if view.is_appliance(row):
            continue
        for entry in view.current[row.id]:
            if entry.dose.parsed or entry.dose.disagreement:
                continue
            if view.by_name[entry.list].role is ListRole.SUPPLY and not entry.dose.text:
                continue
            said = f'"{entry.dose.text}"' if entry.dose.text else "nothing"
            yield Raised(
                message=f"{row.medicine} on {entry.list}: the dose says {said} and is left as text.",
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#dose",),
                settle="Find out the dose that is taken.",
                scope="within",
            )
