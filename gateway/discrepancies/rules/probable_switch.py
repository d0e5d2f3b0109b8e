"""One medicine of a class leaves and another of the same class arrives: a person judges whether one replaces the other.

Leaves: current before admission and on no arriving list, which must be complete. Arrives: current there and on no list
from before admission. Exactly one of each; with more, nothing says which replaces which.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.class_members import Member, members_of
from gateway.discrepancies.moments import arriving
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.replaced import replacement_of
from gateway.discrepancies.status import stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole, ListState


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before, after = view.with_role(ListRole.PRE_ADMISSION), arriving(view)
    if not before or not after:
        yield Cannot("it needs a list from before admission and an inpatient or discharge list")
        return
    if any(one.state is not ListState.COMPLETE for one in after):
        yield Cannot(f"not every list of {names(one.name for one in after)} is complete")
        return
    for group in pack.duplicates.classes:
        if not group.switch:
            continue
        members = members_of(group, view, pack)
        gone = [m for m in members if view.is_on(m.row, before) and not view.is_on(m.row, after)]
        gone = [m for m in gone if not stopped_in_hospital(view, m.row)]
        gone = [m for m in gone if replacement_of(view, m.row, pack.change_words) is None]
        new = [m for m in members if view.is_on(m.row, after) and not view.is_on(m.row, before)]
        if len(gone) == 1 and len(new) == 1 and not gone[0].ingredients & new[0].ingredients:
            yield _raised(gone[0], new[0], group.words)


def _raised(gone: Member, new: Member, words: str) -> Raised:
    entries = (*gone.entries, *new.entries)
    return Raised(
        message=f"{gone.row.medicine} ({names(e.list for e in gone.entries)}) is missing and {new.row.medicine} "
        f"({names(e.list for e in new.entries)}) is new; both are {words}, so one may replace the other.",
        rows=(gone.row.id, new.row.id),
        entries=tuple(e.id for e in entries),
        evidence=tuple(f"{e.id}#ingredients" for e in entries),
        settle="Ask whether the one replaces the other, and end the one that is not meant.",
    )
