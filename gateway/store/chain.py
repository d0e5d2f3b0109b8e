"""Rows chained to the one before by SHA-256: what the ledger and the access log share.

A row's hash covers the previous hash and the canonical JSON of everything else in it. An edit, a deletion or a
reordering breaks the chain; a cut tail shows only against a head that was exported before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, select, text

from gateway.records.ledger import Broken

GENESIS = "0" * 64


def lock(connection: Connection, key: int) -> None:
    """Any two writers of one chain wait for each other; on SQLite BEGIN IMMEDIATE already does that."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def last(connection: Connection, table: Table) -> tuple[int, str]:
    """Number and hash of the last row; (0, sixty-four zeros) where there is none."""
    query = select(table.c.seq, table.c.hash).order_by(table.c.seq.desc()).limit(1)
    row = connection.execute(query).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def digest(values: Sequence[Any]) -> str:
    """SHA-256 over the canonical JSON of the values."""
    canonical = json.dumps(list(values), separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def verify(
    connection: Connection,
    table: Table,
    hashed: Callable[[Mapping[str, Any]], str],
    expected: tuple[int, str] | None = None,
) -> tuple[Broken, ...]:
    """Every place where the chain does not hold; with a head exported before, also a cut tail."""
    broken: list[Broken] = []
    previous, seq = GENESIS, 0
    seen: str | None = None
    for row in connection.execute(select(table).order_by(table.c.seq)):
        if row.seq != seq + 1:
            broken.append(Broken(row.seq, f"row {seq + 1} is missing"))
        if row.previous != previous:
            broken.append(Broken(row.seq, "it does not follow the row before it"))
        if hashed(dict(row._mapping)) != row.hash:
            broken.append(Broken(row.seq, "its content was changed"))
        if expected and row.seq == expected[0]:
            seen = row.hash
        previous, seq = row.hash, row.seq
    if expected and expected[0] and seen != expected[1]:
        what = "the exported head is gone: rows were cut off" if seen is None else "the exported head has another hash"
        broken.append(Broken(expected[0], what))
    return tuple(broken)
