"""One patient, all lists, rows, discrepancies, at one transition."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from gateway.records.by_hand import Split
from gateway.records.discrepancy import Discrepancy, NotEvaluated
from gateway.records.lists import ListState, MedicineEntry, MedicineList, PatientIdentity
from gateway.records.matching import Row, Suggestion
from gateway.records.process import ProcessFlag

SCHEMA = "reconciliation/1"


class Reconciliation(Struct, frozen=True, kw_only=True):
    """The whole result. `lists` by name, entries by id, rows by medicine then first entry, findings by severity."""

    patient: PatientIdentity | None
    at: dt.date
    lists: tuple[MedicineList, ...]
    rows: tuple[Row, ...]
    suggestions: tuple[Suggestion, ...]
    discrepancies: tuple[Discrepancy, ...]
    not_evaluated: tuple[NotEvaluated, ...]
    switched_off: tuple[str, ...] = ()
    process: tuple[ProcessFlag, ...] = ()
    splits: tuple[Split, ...] = ()

    @property
    def complete(self) -> bool:
        return all(one.state is ListState.COMPLETE for one in self.lists)

    def entries(self) -> dict[str, MedicineEntry]:
        """Every entry of every list, by id."""
        return {entry.id: entry for one in self.lists for entry in one.entries}
