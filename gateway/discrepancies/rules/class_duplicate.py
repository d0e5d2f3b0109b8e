"""Two different members of a class of which one is meant at a time.

Where one organisation's unseen change is how the harm comes about (anticoagulants, strong opioids), the two count
although each stands on another list; else only at one moment of the patient's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from gateway.discrepancies.class_members import Member, members_of
from gateway.discrepancies.knowledge import DuplicateClass
from gateway.discrepancies.moments import moments
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.present import suspended_now
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for group in pack.duplicates.classes:
        members = members_of(group, view, pack)
        if len(_distinct(members)) < 2:
            continue
        together = _together(group, members, view)
        if len(_distinct(together)) < 2:
            continue
        entries = [e for member in together for e in member.entries]
        said = listed(f"{m.row.medicine} ({names(e.list for e in m.entries)})" for m in together)
        yield Raised(
            message=f"{said} are {group.words}; only one of them is meant at a time.",
            rows=tuple(m.row.id for m in together),
            entries=tuple(e.id for e in entries),
            evidence=tuple(f"{e.id}#ingredients" for e in entries),
            settle="Check whether one replaces the other, and tell whoever still prescribes or supplies the old one.",
            scope="within" if any(len(_on(together, name)) > 1 for name in {e.list for e in entries}) else "between",
            grade="class" if group.severity == 3 else None,
        )


def _together(group: DuplicateClass, members: tuple[Member, ...], view: RuleView) -> tuple[Member, ...]:
    if group.across_lists:
        return tuple(m for m in members if not stopped_in_hospital(view, m.row) and not suspended_now(view, m.row))
    kept: dict[str, set[str]] = {}
    for lists in moments(view):
        of_now = {one.name for one in lists}
        here = [(m, [e.id for e in m.entries if e.list in of_now]) for m in members]
        here = [(m, ids) for m, ids in here if ids]
        if len(_distinct(m for m, _ in here)) > 1:
            for member, ids in here:
                kept.setdefault(member.row.id, set()).update(ids)
    return tuple(Member(m.row, m.ingredients, _only(m.entries, kept[m.row.id])) for m in members if m.row.id in kept)


def _only(entries: tuple[MedicineEntry, ...], ids: set[str]) -> tuple[MedicineEntry, ...]:
    return tuple(e for e in entries if e.id in ids)


def _distinct(members: Iterable[Member]) -> frozenset[str]:
    return frozenset(i for m in members for i in m.ingredients)


def _on(members: Iterable[Member], name: str) -> frozenset[str]:
    return _distinct(m for m in members if any(e.list == name for e in m.entries))
