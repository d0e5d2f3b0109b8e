"""The cells of a row, in the order of the lists; lists that agree share one."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from msgspec import Struct

from gateway.records.lists import ListState, MedicineList
from gateway.review import words
from gateway.review.entries import EntryView


class Cell(Struct, frozen=True, kw_only=True):
    """One list's place in a row, or several neighbours' that agree. Without `entries`, `absence` says why."""

    lists: tuple[str, ...]
    titles: tuple[str, ...]
    entries: tuple[EntryView, ...]
    others: tuple[EntryView, ...] = ()
    absence: str | None = None
    alarming: bool = False
    baseline: bool = False

    @property
    def agree(self) -> str | None:
        return f"{words.joined(list(self.titles))} agree" if len(self.titles) > 1 else None


class Group(Struct, frozen=True, kw_only=True):
    """The lists, neighbours or not, that show the same in a row: the value first, who says so beside it."""

    cell: Cell
    titles: tuple[str, ...]


def cell_of(one: MedicineList, entries: Sequence[EntryView]) -> Cell:
    current = tuple(e for e in entries if e.current)
    others = tuple(e for e in entries if not e.current)
    absence = None if current or others else words.absence(one)
    return Cell(
        lists=(one.name,),
        titles=(words.title(one),),
        entries=current,
        others=others,
        absence=absence,
        alarming=one.state is not ListState.COMPLETE,
        baseline=words.when_in_care(one) == "This admission",
    )


def merged(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Neighbours that show the same value stand in one cell; a medicine that is no longer current keeps its own.

    Before admission and this admission stay apart, so that the hospital's column keeps its place, unless all agree.
    """
    all_agree = all(same_value(cells[0], cell, across=True) for cell in cells)
    merged: list[Cell] = []
    for cell in cells:
        before = merged[-1] if merged else None
        if before and same_value(before, cell, across=all_agree):
            merged[-1] = Cell(
                lists=before.lists + cell.lists,
                titles=before.titles + cell.titles,
                entries=before.entries + cell.entries,
                baseline=before.baseline,
            )
        else:
            merged.append(cell)
    return tuple(merged)


def same_value(a: Cell, b: Cell, *, across: bool) -> bool:
    if not a.entries or not b.entries or a.others or b.others:
        return False
    if a.baseline != b.baseline and not across:
        return False
    return {e.value for e in a.entries} == {e.value for e in b.entries}


def groups_of(cells: Sequence[Cell]) -> tuple[Group, ...]:
    """Each distinct value once; lists without the medicine are told apart by why it is not there."""
    found: list[Group] = []
    for cell in cells:
        for n, one in enumerate(found):
            absent = bool(cell.absence) and cell.absence == one.cell.absence
            if absent or same_value(one.cell, cell, across=True):
                joined_cell = msgspec.structs.replace(
                    one.cell,
                    lists=one.cell.lists + cell.lists,
                    titles=one.cell.titles + cell.titles,
                    entries=one.cell.entries + cell.entries,
                )
                found[n] = Group(cell=joined_cell, titles=joined_cell.titles)
                break
        else:
            found.append(Group(cell=cell, titles=cell.titles))
    return tuple(found)
