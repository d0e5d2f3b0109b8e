"""What every rule sees: lists, rows and entries of one patient, looked up in the ways that rules need."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from operator import attrgetter

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

_ARRIVED = frozenset({ListState.COMPLETE, ListState.PARTIAL})

ByList = dict[str, tuple[MedicineEntry, ...]]


def absence_words(state: ListState) -> str:
    """How the absence of a medicine from a list is worded; only a complete list permits "not on this list"."""
    return _ABSENT[state]


class RuleView(Struct, frozen=True, kw_only=True):
    """One patient at one time.

    `listed` and `current` are by row id, then list name; `current` holds only what a list says is current, and of a
    list of supplies only the last supply of each product, because older ones are its history. `standing` are the
    same entries by row. `lines`, `regimens` and `memo` are filled as rules ask, so that each is worked out once.
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
    standing: dict[str, tuple[MedicineEntry, ...]]
    roles: dict[ListRole, tuple[MedicineList, ...]]
    same_words: dict[str, frozenset[str]]
    arrived: tuple[MedicineList, ...]
    lines: dict[str, list[tuple[MedicineEntry, ...]]]
    regimens: dict[str, Regimen | None]
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
        current = {row: _current(entries, by_name) for row, entries in listed.items()}
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
            current=current,
            standing={row: tuple(e for entries in lists.values() for e in entries) for row, lists in current.items()},
            roles={role: tuple(one for one in ordered if one.role is role) for role in ListRole},
            classes={
                row.id: frozenset(c for i in row.ingredients for c in vocabulary.classes_of(i)) for row in matching.rows
            },
            same_words=_same_words(matching),
            arrived=tuple(one for one in ordered if one.state in _ARRIVED or one.entries),
            lines={},
            regimens={},
            memo={},
        )

    def entries(self, row: Row) -> tuple[MedicineEntry, ...]:
        return tuple(self.by_id[e] for e in row.entries)

    def current_entries(self, row: Row) -> tuple[MedicineEntry, ...]:
        return self.standing[row.id]

    def received(self) -> tuple[MedicineList, ...]:
        """Lists of which something arrived; of a withheld one that is all but what is confidential."""
        return self.arrived

    def complete(self) -> tuple[MedicineList, ...]:
        """Only of these can be said that a medicine is not on them: never of what people entered by hand."""
        return tuple(one for one in self.lists if one.state is ListState.COMPLETE and not one.written.by_hand)

    def with_role(self, *roles: ListRole) -> tuple[MedicineList, ...]:
        """Lists of these roles, in whatever state."""
        return self.roles[roles[0]] if len(roles) == 1 else tuple(one for one in self.lists if one.role in roles)

    def is_on(self, row: Row, lists: Sequence[MedicineList]) -> bool:
        """Current on any of the lists."""
        on = self.current[row.id]
        for one in lists:  # noqa: SIM110  asked a hundred times for a patient; `any` takes twice as long
            if one.written.name in on:
                return True
        return False

    def same_words_on(self, row: Row, lists: Sequence[MedicineList]) -> bool:
        """The same words, which nobody understands, are current there in a row of their own: it may be this one."""
        return any(self.is_on(self.row_by_id[other], lists) for other in self.same_words.get(row.id, ()))

    def current_on(self, row: Row, lists: Sequence[MedicineList]) -> tuple[MedicineEntry, ...]:
        on = self.current[row.id]
        if len(lists) == 1:
            return on.get(lists[0].name, ())
        return tuple(e for one in lists for e in on.get(one.name, ()))

    def current_lines(self, row: Row) -> list[tuple[MedicineEntry, ...]]:
        """Lines of the row with their current entries only; a line with fewer than two is left out."""
        if row.id not in self.lines:
            standing = {e.id for e in self.current_entries(row)}
            lines = [tuple(self.by_id[e] for e in line if e in standing) for line in row.lines]
            self.lines[row.id] = [line for line in lines if len(line) > 1]
        return self.lines[row.id]

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
        try:
            return self.regimens[entry.id]
        except KeyError:
            found = self.regimens[entry.id] = regimen_of(entry, self.vocabulary)
            return found

    def allergies(self) -> tuple[Allergy, ...]:
        return tuple(a for one in self.lists for a in one.written.allergies)


def _same_words(matching: Matching) -> dict[str, frozenset[str]]:
    """Rows without a name that is understood, by what the matcher suggests with full likeness."""
    row_of = {entry: row for row in matching.rows for entry in row.entries}
    found: dict[str, frozenset[str]] = {}
    for one in matching.suggestions:
        rows = [row_of[entry] for entry in one.entries if entry in row_of]
        if one.similarity == 100 and len(rows) == 2 and not any(row.ingredients for row in rows):
            a, b = (row.id for row in rows)
            found[a] = found.get(a, frozenset()) | {b}
            found[b] = found.get(b, frozenset()) | {a}
    return found


_id = attrgetter("id")


def _by_list(entries: Sequence[MedicineEntry]) -> ByList:
    found: dict[str, list[MedicineEntry]] = {}
    for entry in sorted(entries, key=_id):
        found.setdefault(entry.list, []).append(entry)
    return {name: tuple(found[name]) for name in sorted(found)}


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
