"""Counts of facts, with a histogram of whole seconds each, that can be added, merged and taken away again.

Two halves of a ledger give the same cube as the whole, and the cube of a subject can be replaced by a newer one, so
that stored summaries equal a recomputation exactly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from gateway.records.labour import FACTS, Fact

_TABLE = {kind: name for name, kind in FACTS.items()}


class Cell:
    """`n` facts; `seconds` is a histogram of whole seconds of those of them whose time is known."""

    __slots__ = ("n", "seconds")

    def __init__(self) -> None:
        self.n = 0
        self.seconds: Counter[int] = Counter()


class Cube:
    """Cells by table and fact. Facts of two tables can be equal as tuples, so the table is part of the key."""

    def __init__(self) -> None:
        self.tables: dict[str, dict[Fact, Cell]] = {name: {} for name in FACTS}

    def cell(self, fact: Fact) -> Cell:
        """The cell of a fact, made where it is not there."""
        table = self.tables[_TABLE[type(fact)]]
        there = table.get(fact)
        if there is None:
            there = table[fact] = Cell()
        return there

    def add(self, fact: Fact, seconds: int | None = None, times: int = 1) -> None:
        cell = self.cell(fact)
        cell.n += times
        if seconds is not None:
            cell.seconds[seconds] += times

    def add_all(self, facts: Iterable[tuple[Fact, int | None]], times: int = 1) -> None:
        tables = self.tables
        for fact, seconds in facts:  # as `add`; a million facts go through here
            table = tables[_TABLE[type(fact)]]
            cell = table.get(fact)
            if cell is None:
                cell = table[fact] = Cell()
            cell.n += times
            if seconds is not None:
                cell.seconds[seconds] += times

    def merge(self, other: Cube) -> None:
        for cells in other.tables.values():
            for fact, cell in cells.items():
                there = self.cell(fact)
                there.n += cell.n
                for value, times in cell.seconds.items():
                    there.seconds[value] += times

    def cells(self) -> Iterator[tuple[str, Fact, Cell]]:
        """Every cell in which something was counted; one that was added and taken away again is not there."""
        for name, cells in self.tables.items():
            for fact, cell in cells.items():
                if cell.n or any(cell.seconds.values()):
                    yield name, fact, cell

    def select(self, table: str, **where: str | frozenset[str]) -> Iterator[tuple[Fact, Cell]]:
        """Cells of one table whose columns have the value, or one of the values, asked for. KeyError: no such table."""
        place = {c: FACTS[table]._fields.index(c) for c in where}
        wanted = [(place[c], v if isinstance(v, frozenset) else frozenset({v})) for c, v in where.items()]
        for fact, cell in self.tables[table].items():
            if cell.n and all(fact[at] in values for at, values in wanted):
                yield fact, cell
