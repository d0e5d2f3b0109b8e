"""What the work costs, read from the whole ledger."""

from __future__ import annotations

from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.labour.measures import measures
from gateway.records.labour import LabourMeasure
from gateway.store import ledger
from gateway.store.database import Database


class LabourPage(Struct, frozen=True, kw_only=True):
    """`rows` is how many ledger rows the figures were read from."""

    measures: tuple[LabourMeasure, ...]
    rows: int


def labour_page(database: Database, *, by: Person) -> LabourPage:
    require(by, "labour.see")
    return labour_figures(database)


def labour_figures(database: Database) -> LabourPage:
    """The figures alone, for who runs the machine."""
    with database.read() as connection:
        found = measures(ledger.entries(connection))
        rows, _ = ledger.head(connection)
    return LabourPage(measures=found, rows=rows)
