"""The cube of a ledger, made from all of it or brought forward by its new rows; both give the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from gateway.labour.cube import Cube
from gateway.labour.facts import facts_of
from gateway.labour.work_steps import WorkSteps
from gateway.records.ledger import LedgerEntry


def whole(rows: Iterable[LedgerEntry], words: WorkSteps) -> Cube:
    """`rows` are in order of subject, then of their number."""
    cube = Cube()
    for _, of_subject in groupby(rows, key=lambda row: row.act.subject):
        cube.add_all(facts_of(tuple(of_subject), words))
    return cube


def change(rows: Sequence[LedgerEntry], reached: int, words: WorkSteps) -> Cube:
    """What is to be merged into a cube that counts this subject up to row `reached`; `rows` are all of the subject."""
    cube = Cube()
    before = [row for row in rows if row.seq <= reached]
    if before:
        cube.add_all(facts_of(before, words), times=-1)
    cube.add_all(facts_of(rows, words))
    return cube
