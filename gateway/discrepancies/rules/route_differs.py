"""The same ingredients by another route of one kind (by mouth, by injection); other kinds of route are other rows."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for line in view.current_lines(row):
            said = [e for e in line if e.route]
            if len({e.route for e in said}) < 2:
                continue
            yield Raised(
                message=f"{row.medicine} is given by different routes. "
                f"{by_value((e.list, e.route or '') for e in said)}.",
                rows=(row.id,),
                entries=tuple(e.id for e in said),
                evidence=tuple(f"{e.id}#route" for e in said),
                settle="Check by which route it is meant now.",
            )
