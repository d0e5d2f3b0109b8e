"""An invented patient, and what is true of the entries."""

from __future__ import annotations

import itertools

from msgspec import Struct


class Entry(Struct, frozen=True, kw_only=True):
    """One medicine on one list; see the package for what a method may see.

    `medicine` is "ingredient + ingredient | kind of route"; `course` names one course of it, so that warfarin 1 mg and
    3 mg are two. `faults`: misspelt, misspelt-twice, truncated, other-notation.
    """

    list: str
    id: str
    text: str
    strength: str
    form: str
    medicine: str
    course: str
    faults: tuple[str, ...] = ()


class Patient(Struct, frozen=True, kw_only=True):
    id: str
    entries: tuple[Entry, ...]
    planted: tuple[str, ...] = ()

    def true_pairs(self) -> set[tuple[str, str]]:
        """Ids, sorted, of entries of different lists that are one course of one medicine."""
        return {
            (min(a.id, b.id), max(a.id, b.id))
            for a, b in itertools.combinations(self.entries, 2)
            if a.course == b.course and a.list != b.list
        }

    def wrong(self, a: str, b: str) -> bool:
        """Whether two entries are different medicines: joining them would be a harm."""
        medicines = {e.id: e.medicine for e in self.entries}
        return medicines[a] != medicines[b]
