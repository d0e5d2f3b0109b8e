"""What the work costs, read from summaries of the whole ledger that are brought forward before they are read."""

from __future__ import annotations

from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.labour.cube import Cube
from gateway.labour.measures import measures
from gateway.labour.work_steps import work_steps
from gateway.records.labour import LabourMeasure
from gateway.store import labour
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
    cube, rows = labour_cube(database)
    return LabourPage(measures=measures(cube, work_steps()), rows=rows)


def labour_cube(database: Database, *, since: str = "", before: str = "9999") -> tuple[Cube, int]:
    """The counted facts of the weeks from `since` up to but not with `before`, and the ledger rows they rest on."""
    with database.write() as connection:
        rows = labour.bring_forward(connection, work_steps())
        return labour.read_cube(connection, since=since, before=before), rows
