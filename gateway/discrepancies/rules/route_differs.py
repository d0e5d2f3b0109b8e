"""The same ingredients by another route of one kind (by mouth, by injection); other kinds of route are other rows.

What was injected on the ward and goes on by mouth at discharge is the usual step down, and no difference to ask about.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose
from gateway.records.lists import ListRole, MedicineEntry

_BY_MOUTH = "oral"


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for line in view.current_lines(row):
            said = _without_step_down([e for e in line if e.route], view)
            if len({e.route for e in said}) < 2:
                continue
            yield Raised(
                message=f"{row.medicine} is given by different routes. "
                f"{by_value((e.list, f'{e.route}, {dose(e, view)}') for e in said)}.",
                rows=(row.id,),
                entries=tuple(e.id for e in said),
                evidence=tuple(f"{e.id}#route" for e in said),
                settle="Check by which route it is meant now, and at which dose.",
            )


def _without_step_down(line: Sequence[MedicineEntry], view: RuleView) -> list[MedicineEntry]:
    leaving = {e.route for e in line if view.role_of(e) is ListRole.DISCHARGE}
    if leaving != {_BY_MOUTH}:
        return list(line)
    return [e for e in line if view.role_of(e) is not ListRole.INPATIENT]
