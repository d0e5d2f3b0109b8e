"""What every rule sees: lists, rows and entries of one patient, looked up in the ways that rules need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from msgspec import Struct

from gateway.records.lists import Allergy, ListRole, ListState, MedicineEntry, MedicineList, PatientIdentity
from gateway.records.matching import Matching, Row
from gateway.terminology.vocabulary import Vocabulary

_ABSENT = {
    ListState.COMPLETE: "Not on this list",
    ListState.PARTIAL: "Not in the part received",
    ListState.WITHHELD: "Withheld",
    ListState.FAILED: "No list received",
}


def absence_words(state: ListState) -> str:
    """How the absence of a medicine from a list is worded; only a complete list permits "not on this list"."""
    return _ABSENT[state]


class RuleView(Struct, frozen=True, kw_only=True):
    """One patient at one time. `current` is by row id and holds only what a list says is current."""

    patient: PatientIdentity | None
    at: dt.date
    lists: tuple[MedicineList, ...]
    rows: tuple[Row, ...]
    vocabulary: Vocabulary
    by_id: dict[str, MedicineEntry]
    current: dict[str, tuple[MedicineEntry, ...]]
    by_name: dict[str, MedicineList]

    @classmethod
    def build(
        cls,
        patient: PatientIdentity | None,
        at: dt.date,
        lists: Sequence[MedicineList],
        matching: Matching,
        vocabulary: Vocabulary,
    ) -> RuleView:
        ordered = tuple(sorted(lists, key=lambda one: one.name))
        by_id = {entry.id: entry for one in ordered for entry in one.entries}
        return cls(
            patient=patient,
            at=at,
            lists=ordered,
            rows=matching.rows,
            vocabulary=vocabulary,
            by_id=by_id,
            current={row.id: tuple(by_id[e] for e in row.entries if by_id[e].current) for row in matching.rows},
            by_name={one.name: one for one in ordered},
        )

    def entries(self, row: Row) -> tuple[MedicineEntry, ...]:
        return tuple(self.by_id[e] for e in row.entries)

    def received(self) -> tuple[MedicineList, ...]:
        """Lists of which something arrived."""
        return tuple(one for one in self.lists if one.state is not ListState.FAILED)

    def complete(self) -> tuple[MedicineList, ...]:
        return tuple(one for one in self.lists if one.state is ListState.COMPLETE)

    def with_role(self, *roles: ListRole) -> tuple[MedicineList, ...]:
        return tuple(one for one in self.received() if one.role in roles)

    def discharge(self) -> MedicineList | None:
        """The one discharge list, None where there is none or several."""
        found = self.with_role(ListRole.DISCHARGE)
        return found[0] if len(found) == 1 else None

    def lists_with(self, row: Row) -> dict[str, tuple[MedicineEntry, ...]]:
        """Current entries of the row by list."""
        found: dict[str, tuple[MedicineEntry, ...]] = {}
        for entry in self.current[row.id]:
            found[entry.list] = (*found.get(entry.list, ()), entry)
        return found

    def current_lines(self, row: Row) -> list[list[MedicineEntry]]:
        """Lines of the row with their current entries only; lines with fewer than two are left out."""
        lines = [[self.by_id[e] for e in line if self.by_id[e].current] for line in row.lines]
        return [line for line in lines if len(line) > 1]

    def is_critical(self, row: Row) -> bool:
        return self.vocabulary.is_critical(row.ingredients)

    def is_appliance(self, row: Row) -> bool:
        return any(entry.product.appliance for entry in self.entries(row))

    def classes_of(self, row: Row) -> frozenset[str]:
        return frozenset(c for i in row.ingredients for c in self.vocabulary.classes_of(i))

    def allergies(self) -> tuple[Allergy, ...]:
        return tuple(a for one in self.lists for a in one.written.allergies)
