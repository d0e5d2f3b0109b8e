"""One medicine of a class leaves and another of the same class arrives: a person judges whether one replaces the other.

Leaves: current before admission and on no arriving list, which must be complete. Arrives: current there and on no list
from before admission. Exactly one of each; with more, nothing says which replaces which. Linked as
well: a medicine whose ingredients all arrive in other products.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.discrepancies.class_members import Member, members_of
from gateway.discrepancies.moments import arriving
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.replaced import replacement_of
from gateway.discrepancies.status import stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names
from gateway.records.lists import ListRole, ListState, MedicineList
from gateway.records.matching import Row

Lists = Sequence[MedicineList]


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
    for row in view.rows:
        if view.is_on(row, before) and not view.is_on(row, after) and not stopped_in_hospital(view, row):
            holders = _holding(view, row, before, after)
            if holders and replacement_of(view, row, pack.change_words) is None:
                yield _in_other_products(view, row, holders, before, after)


def _holding(view: RuleView, gone: Row, before: Lists, after: Lists) -> list[Row]:
    """Rows that arrive and hold every ingredient of the one that left, at least one of them new; else none.

    Co-codamol goes and paracetamol and codeine come, or the other way about.
    """
    found = [
        row
        for row in view.rows
        if row.kind_of_route == gone.kind_of_route
        and not set(row.ingredients).isdisjoint(gone.ingredients)
        and view.is_on(row, after)
    ]
    held = {i for row in found for i in row.ingredients}
    new = any(not view.is_on(row, before) for row in found)
    return found if gone.ingredients and new and held.issuperset(gone.ingredients) else []


def _in_other_products(view: RuleView, gone: Row, holders: list[Row], before: Lists, after: Lists) -> Raised:
    left = view.current_on(gone, before)
    entries = (*left, *(e for row in holders for e in view.current_on(row, after)))
    here = listed(f"{row.medicine} ({names(e.list for e in view.current_on(row, after))})" for row in holders)
    verb = "holds" if len(holders) == 1 else "hold"
    return Raised(
        message=f"{gone.medicine} ({names(e.list for e in left)}) is missing, and {here} {verb} the same, so it may be "
        "given in another product; the doses were not compared.",
        rows=(gone.id, *(row.id for row in holders)),
        entries=tuple(e.id for e in entries),
        evidence=tuple(f"{e.id}#ingredients" for e in entries),
        settle="Compare the doses, and end the product that is not meant.",
    )


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
