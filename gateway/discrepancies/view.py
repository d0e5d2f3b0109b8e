"""What every rule sees: lists, rows and entries of one patient, looked up in the ways that rules need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from gateway.discrepancies.amounts import Regimen, regimen_of
from gateway.records.lists import Allergy, ListRole, ListState, MedicineEntry, MedicineList, PatientIdentity
from gateway.records.matching import Matching, Row
from gateway.terminology.vocabulary import Vocabulary

_ABSENT = {
    ListState.COMPLETE: "Not on this list",
    ListState.PARTIAL: "Not in the part received",
    ListState.WITHHELD: "Withheld",
    ListState.FAILED: "No list received",
}

ByList = dict[str, tuple[MedicineEntry, ...]]


def absence_words(state: ListState) -> str:
    """How the absence of a medicine from a list is worded; only a complete list permits "not on this list"."""
    return _ABSENT[state]


class RuleView(Struct, frozen=True, kw_only=True):
    """One patient at one time.

    `listed` and `current` are by row id, then list name; `current` holds only what a list says is current, and of a
    list of supplies only the last supply of each product, because older ones are its history.
    """

    patient: PatientIdentity | None
    at: dt.date
    lists: tuple[MedicineList, ...]
    rows: tuple[Row, ...]
    vocabulary: Vocabulary
    by_id: dict[str, MedicineEntry]
    by_name: dict[str, MedicineList]
    row_by_id: dict[str, Row]
    listed: dict[str, ByList]
    current: dict[str, ByList]
    classes: dict[str, frozenset[str]]
    memo: dict[tuple[str, str], object]

    @classmethod
    def build(
        cls,
        patient: PatientIdentity | None,
        at: dt.date,
        lists: Sequence[MedicineList],
        matching: Matching,
        vocabulary: Vocabulary,
    ) -> RuleView:
        """The same view for lists in any order."""
        ordered = tuple(sorted(lists, key=lambda one: one.name))
        by_name = {one.name: one for one in ordered}
        by_id = {entry.id: entry for one in ordered for entry in one.entries}
        listed = {row.id: _by_list([by_id[e] for e in row.entries]) for row in matching.rows}
        return cls(
            patient=patient,
            at=at,
            lists=ordered,
            rows=matching.rows,
            vocabulary=vocabulary,
            by_id=by_id,
            by_name=by_name,
            row_by_id={row.id: row for row in matching.rows},
            listed=listed,
            current={row: _current(entries, by_name) for row, entries in listed.items()},
            classes={
                row.id: frozenset(c for i in row.ingredients for c in vocabulary.classes_of(i)) for row in matching.rows
            },
            memo={},
        )

    def entries(self, row: Row) -> tuple[MedicineEntry, ...]:
        return tuple(self.by_id[e] for e in row.entries)

    def current_entries(self, row: Row) -> tuple[MedicineEntry, ...]:
        return tuple(entry for entries in self.current[row.id].values() for entry in entries)

    def received(self) -> tuple[MedicineList, ...]:
        """Lists of which something arrived; of a withheld one that is all but what is confidential."""
        arrived = {ListState.COMPLETE, ListState.PARTIAL}
        return tuple(one for one in self.lists if one.state in arrived or one.entries)

    def complete(self) -> tuple[MedicineList, ...]:
        """Only of these can be said that a medicine is not on them."""
        return tuple(one for one in self.lists if one.state is ListState.COMPLETE)

    def with_role(self, *roles: ListRole) -> tuple[MedicineList, ...]:
        """Lists of these roles, in whatever state."""
        return tuple(one for one in self.lists if one.role in roles)

    def is_on(self, row: Row, lists: Sequence[MedicineList]) -> bool:
        """Current on any of the lists."""
        return any(one.name in self.current[row.id] for one in lists)

    def current_on(self, row: Row, lists: Sequence[MedicineList]) -> tuple[MedicineEntry, ...]:
        return tuple(e for one in lists for e in self.current[row.id].get(one.name, ()))

    def current_lines(self, row: Row) -> list[tuple[MedicineEntry, ...]]:
        """Lines of the row with their current entries only; a line with fewer than two is left out."""
        standing = {e.id for e in self.current_entries(row)}
        lines = [tuple(self.by_id[e] for e in line if e in standing) for line in row.lines]
        return [line for line in lines if len(line) > 1]

    def role_of(self, entry: MedicineEntry) -> ListRole:
        return self.by_name[entry.list].role

    def is_critical(self, row: Row) -> bool:
        return self.vocabulary.is_critical(row.ingredients)

    def is_appliance(self, row: Row) -> bool:
        return any(self.by_id[e].product.appliance for e in row.entries)

    def classes_of(self, row: Row) -> frozenset[str]:
        return self.classes[row.id]

    def regimen(self, entry: MedicineEntry) -> Regimen | None:
        """The dose as amounts, worked out once; None where it was not read."""
        key = ("regimen", entry.id)
        if key not in self.memo:
            self.memo[key] = regimen_of(entry, self.vocabulary)
        found = self.memo[key]
        return found if isinstance(found, Regimen) else None

    def allergies(self) -> tuple[Allergy, ...]:
        return tuple(a for one in self.lists for a in one.written.allergies)


def _by_list(entries: Sequence[MedicineEntry]) -> ByList:
    found: ByList = {}
    for entry in sorted(entries, key=lambda e: (e.list, e.id)):
        found[entry.list] = (*found.get(entry.list, ()), entry)
    return found


def _current(listed: ByList, by_name: dict[str, MedicineList]) -> ByList:
    current = {}
    for name, entries in listed.items():
        standing = tuple(e for e in entries if e.current)
        if by_name[name].role is ListRole.SUPPLY:
            standing = _last_of_each(standing)
        if standing:
            current[name] = standing
    return current


def _last_of_each(entries: tuple[MedicineEntry, ...]) -> tuple[MedicineEntry, ...]:
    last: dict[object, MedicineEntry] = {}
    for entry in sorted(entries, key=lambda e: (_supplied(e), e.id)):
        last[(entry.product.strengths, entry.product.form, entry.product.release)] = entry
    return tuple(sorted(last.values(), key=lambda e: e.id))


def _supplied(entry: MedicineEntry) -> str:
    written = entry.written
    return written.handed_over or written.last_issued or written.asserted or written.start or ""
