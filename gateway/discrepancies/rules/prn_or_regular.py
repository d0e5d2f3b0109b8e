"""To be taken only when needed on one list, regularly on another."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for line in view.current_lines(row):
            read = [(e, r.as_needed) for e in line if (r := view.regimen(e)) is not None and r.as_needed is not None]
            if {needed for _, needed in read} != {True, False}:
                continue
            yield Raised(
                message=f"{row.medicine} is taken when needed on one list and regularly on another. "
                f"{by_value((e.list, dose(e, view)) for e, _ in read)}.",
                rows=(row.id,),
                entries=tuple(e.id for e, _ in read),
                evidence=tuple(f"{e.id}#dose" for e, _ in read),
                settle="Ask how the patient takes it.",
            )
