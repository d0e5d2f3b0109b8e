"""Two different members of a class that should not be taken together."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.knowledge import DuplicateClass
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if not view.by_id:
        yield Cannot("no medicines were received")
        return
    for group in pack.duplicates.classes:
        members = [
            (row, entries)
            for row in view.rows
            if (entries := [e for e in view.current[row.id] if _counts(e, row, group, view, pack)])
        ]
        for i, (row, entries) in enumerate(members):
            for other, theirs in members[i + 1 :]:
                if set(row.ingredients) & set(other.ingredients):
                    continue
                together = {e.list for e in entries} & {e.list for e in theirs}
                if not together and not group.across_lists:
                    continue
                both = [*entries, *theirs]
                yield Raised(
                    message=(
                        f"Two {group.words}: {row.medicine} ({names(e.list for e in entries)}) and "
                        f"{other.medicine} ({names(e.list for e in theirs)})."
                    ),
                    rows=(row.id, other.id),
                    entries=tuple(e.id for e in both),
                    evidence=tuple(f"{e.id}#ingredients" for e in both),
                    settle="Check whether one replaces the other, and tell whoever still supplies the old one.",
                    scope="within" if together else "between",
                    grade="class" if group.severity == 3 else None,
                )


def _counts(entry: MedicineEntry, row: Row, group: DuplicateClass, view: RuleView, pack: RulePack) -> bool:
    if not view.classes_of(row) & set(group.classes) or entry.product.appliance:
        return False
    if set(row.ingredients) & set(pack.duplicates.not_members.get(group.id, ())):
        return False
    if row.kind_of_route is not None and row.kind_of_route not in pack.thresholds.systemic_kinds:
        return False
    if group.only_release:
        return entry.product.release in group.only_release or entry.product.form in group.forms
    return True
