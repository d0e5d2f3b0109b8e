"""Current on another list from before admission (a clinic, a care home), and the practice's complete list lacks it.

What the practice marks as prescribed elsewhere is seen. What it ended is told by status-conflict.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.gp_lists import gp_lists
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended, stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names, same_words_cause, the_lists
from gateway.records.lists import ListRole, ListState


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    practice = gp_lists(view, pack.clinical.lists.gp)
    if not practice:
        yield Cannot("no list is known to be the practice's own")
        return
    if broken := [one.name for one in practice if one.state is not ListState.COMPLETE]:
        yield Cannot(
            f"the practice's list is not complete ({names(broken)}), so nothing can be said to be unseen by it"
        )
        return
    others = [one for one in view.with_role(ListRole.PRE_ADMISSION) if one not in practice]
    alike = []
    for row in view.rows:
        elsewhere = [e for e in view.current_on(row, others) if not is_suspended(e)]
        seen = [e for one in practice for e in view.listed[row.id].get(one.name, ())]
        if not elsewhere or stopped_in_hospital(view, row):
            continue
        if any(e.current or e.written.prescribed_elsewhere for e in seen):
            continue
        if view.same_words_on(row, practice):
            alike.append(row.medicine)
            continue
        yield Raised(
            message=f"{row.medicine} is current on {the_lists(e.list for e in elsewhere)} and not on the practice's "
            f"list ({names(one.name for one in practice)}), also not among what it marks as prescribed elsewhere.",
            rows=(row.id,),
            entries=tuple(e.id for e in elsewhere),
            evidence=(*(f"{e.id}#status" for e in elsewhere), *(f"{one.name}#state" for one in practice)),
            settle="Ask the patient whether it is taken and who prescribes it, and tell the practice.",
        )
    if alike:
        yield Cannot(same_words_cause(alike, "unseen by the practice"))
