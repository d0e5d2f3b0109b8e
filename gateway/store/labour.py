"""Labour summaries in the database: read for a page, brought forward by what the ledger got since."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from itertools import groupby
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, delete, insert, select, update

from gateway.labour.cube import Cube
from gateway.labour.summary import change, whole
from gateway.labour.work_steps import WorkSteps
from gateway.records.labour import FACTS
from gateway.store import ledger
from gateway.store.tables import LabourCell, LabourReached

_CELLS = LabourCell.__table__  # type: ignore[attr-defined]
_REACHED = LabourReached.__table__  # type: ignore[attr-defined]

#: Beyond this many new rows it is quicker to make the whole summary again.
_MANY = 50_000


def bring_forward(connection: Connection, words: WorkSteps) -> int:
    """Make the cells count the whole ledger, in the caller's transaction; the number of its last row."""
    last, _ = ledger.head(connection)
    there = connection.execute(select(_REACHED)).first()
    stamp = hashlib.sha256(msgspec.json.encode(words)).hexdigest()
    if there is not None and there.words == stamp and there.seq == last:
        return last
    if there is None or there.words != stamp or last - there.seq > _MANY or there.seq > last:
        connection.execute(delete(_CELLS))
        _insert(connection, whole(ledger.by_subject(connection), words))
    else:
        _merge(connection, _changes(connection, there.seq, words))
    connection.execute(delete(_REACHED))
    connection.execute(insert(_REACHED), [{"id": 1, "seq": last, "words": stamp}])
    return last


def read_cube(connection: Connection, *, since: str = "", before: str = "9999") -> Cube:
    """The counted facts of the weeks from `since` up to but not with `before` (Mondays, ISO dates)."""
    cube = Cube()
    for row in connection.execute(select(_CELLS).where(_CELLS.c.week >= since, _CELLS.c.week < before)):
        cell = cube.cell(_fact(row))
        cell.n += row.n
        for seconds, times in json.loads(row.seconds):
            cell.seconds[seconds] += times
    return cube


def recompute(connection: Connection, words: WorkSteps) -> Cube:
    """The cube of the whole ledger, from its rows alone."""
    return whole(ledger.by_subject(connection), words)


def _changes(connection: Connection, reached: int, words: WorkSteps) -> Cube:
    found = Cube()
    for _, rows in groupby(ledger.by_subject(connection, reached), key=lambda row: row.act.subject):
        found.merge(change(tuple(rows), reached, words))
    return found


def _fact(row: Row[Any]) -> Any:
    return FACTS[row.kind](row.week, *json.loads(row.fact))


def _values(kind: str, fact: Any, n: int, seconds: Counter[int]) -> dict[str, object]:
    return {
        "week": fact.week,
        "kind": kind,
        "fact": json.dumps(fact[1:], separators=(",", ":")),
        "n": n,
        "seconds": json.dumps(sorted((s, times) for s, times in seconds.items() if times), separators=(",", ":")),
    }


def _insert(connection: Connection, cube: Cube) -> None:
    values = [_values(kind, fact, cell.n, cell.seconds) for kind, fact, cell in cube.cells()]
    if values:
        connection.execute(insert(_CELLS), values)


def _merge(connection: Connection, changes: Cube) -> None:
    fresh = []
    for kind, fact, cell in changes.cells():
        values = _values(kind, fact, cell.n, cell.seconds)
        place = (_CELLS.c.week == values["week"], _CELLS.c.kind == kind, _CELLS.c.fact == values["fact"])
        there = connection.execute(select(_CELLS.c.id, _CELLS.c.n, _CELLS.c.seconds).where(*place)).first()
        if there is None:
            fresh.append(values)
            continue
        seconds = Counter(dict(json.loads(there.seconds)))
        for value, times in cell.seconds.items():
            seconds[value] += times
        merged = _values(kind, fact, there.n + cell.n, seconds)
        if merged["n"]:
            connection.execute(
                update(_CELLS).where(_CELLS.c.id == there.id).values(n=merged["n"], seconds=merged["seconds"])
            )
        else:
            connection.execute(delete(_CELLS).where(_CELLS.c.id == there.id))
    if fresh:
        connection.execute(insert(_CELLS), fresh)
