"""Started in hospital, of a class that hospitals start for the stay, on the discharge list, and no end or review.

Who took another medicine of the class before has it exchanged, not added.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.clinical_knowledge import MedicineSet
from gateway.discrepancies.courses import has_end
from gateway.discrepancies.medicine_sets import is_in, touched
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import listed, names
from gateway.records.lists import ListRole, ListState
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.courses
    before = view.with_role(ListRole.PRE_ADMISSION)
    inpatient, discharge = view.with_role(ListRole.INPATIENT), view.with_role(ListRole.DISCHARGE)
    broken = [one for one in before if one.state is not ListState.COMPLETE]
    unsure = []
    for row in touched(view, known.carry_over):
        leaving = [e for e in view.current_on(row, discharge) if not is_suspended(e)]
        given = [e for one in inpatient for e in view.listed[row.id].get(one.name, ())]
        group = next((one for one in known.carry_over if leaving and given and is_in(row, one, view)), None)
        if group is None or _class_taken_before(view, row, group) or any(has_end(e, known) for e in leaving):
            continue
        if broken or not before:
            unsure.append(row.medicine)
            continue
        yield Raised(
            message=f"{row.medicine}, {group.words}, was started in hospital ({names(e.list for e in given)}) and is "
            f"on the discharge list ({names(e.list for e in leaving)}) without an end or a review.",
            rows=(row.id,),
            entries=(*(e.id for e in leaving), *(e.id for e in given)),
            evidence=(*(f"{e.id}#dose" for e in leaving), *(f"{one.name}#state" for one in before)),
            settle="Ask the discharging team whether it is to go on, and until when.",
        )
    if unsure:
        where = "; ".join(f"{one.name}: {absence_words(one.state).lower()}" for one in broken)
        cause = where or "no list from before admission was received"
        yield Cannot(f"whether {listed(unsure)} was taken before admission cannot be said ({cause})")


def _class_taken_before(view: RuleView, row: Row, group: MedicineSet) -> bool:
    earlier = view.with_role(ListRole.PRE_ADMISSION, ListRole.SUPPLY)
    return view.is_on(row, earlier) or any(
        view.is_on(other, earlier) and is_in(other, group, view) for other in view.rows if other.id != row.id
    )
