"""Which current entries are members of a class of which one is meant at a time."""

from __future__ import annotations

from msgspec import Struct

from gateway.discrepancies.knowledge import DuplicateClass
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.view import RuleView
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row


class Member(Struct, frozen=True):
    """A row with those of its ingredients that are of the class, and its current entries that count."""

    row: Row
    ingredients: frozenset[str]
    entries: tuple[MedicineEntry, ...]


def members_of(group: DuplicateClass, view: RuleView, pack: RulePack) -> tuple[Member, ...]:
    """Suspended entries do not count, nor do routes that stay local. Worked out once, for both rules that ask."""
    key = ("members", group.id)
    found = view.memo.get(key)
    if not isinstance(found, tuple):
        found = view.memo[key] = _members(group, view, pack)
    return found


def _members(group: DuplicateClass, view: RuleView, pack: RulePack) -> tuple[Member, ...]:
    found = []
    excluded = frozenset(pack.duplicates.not_members.get(group.id, ()))
    for row in view.rows:
        if view.classes[row.id].isdisjoint(group.classes) or not _systemic(row, pack):
            continue
        classes = view.vocabulary.classes_of
        ingredients = frozenset(i for i in row.ingredients if not set(classes(i)).isdisjoint(group.classes)) - excluded
        entries = tuple(e for e in view.current_entries(row) if e.written.status != "on-hold" and _is(group, e))
        if ingredients and entries:
            found.append(Member(row, ingredients, entries))
    return tuple(found)


def _systemic(row: Row, pack: RulePack) -> bool:
    return row.kind_of_route is None or row.kind_of_route in pack.thresholds.systemic_kinds


def _is(group: DuplicateClass, entry: MedicineEntry) -> bool:
    if not group.only_release:
        return True
    return entry.product.release in group.only_release or entry.product.form in group.forms
