"""The ledger: every proposal and every act, append-only, each row chained to the one before it by SHA-256.

A row's hash covers the previous hash and the canonical JSON of everything else in it. An edit, a deletion or a
reordering breaks the chain; a cut tail shows only against a head that was exported before.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, text

from gateway.records.ledger import KINDS, Act, Broken, LedgerEntry
from gateway.store.tables import LedgerRow

GENESIS = "0" * 64

#: Any two writers of the ledger wait for each other; on SQLite BEGIN IMMEDIATE already does that.
_LOCK = 0x6D656472

_TABLE = LedgerRow.__table__  # type: ignore[attr-defined]
_COLUMNS = (
    "seq",
    "at",
    "kind",
    "subject",
    "item",
    "actor",
    "role",
    "reason",
    "seconds",
    "timing",
    "payload",
    "previous",
)


def append(connection: Connection, acts: Sequence[Act], at: str) -> tuple[int, ...]:
    """Write rows in the caller's transaction; their numbers. Raises ValueError for a kind that is not known."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    seq, previous = _last(connection)
    rows = []
    for act in acts:
        if act.kind not in KINDS:
            raise ValueError(f"{act.kind} is no kind of ledger row")
        seq += 1
        row: dict[str, Any] = {
            "seq": seq,
            "at": at,
            "kind": act.kind,
            "subject": act.subject,
            "item": act.item,
            "actor": act.actor,
            "role": act.role,
            "reason": act.reason,
            "seconds": act.seconds,
            "timing": act.timing,
            "payload": json.dumps(act.payload, sort_keys=True, separators=(",", ":"), ensure_ascii=True),
            "previous": previous,
        }
        previous = row["hash"] = digest(row)
        rows.append(row)
    if rows:
        connection.execute(insert(_TABLE), rows)
    return tuple(row["seq"] for row in rows)


def digest(row: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of all columns but the hash itself."""
    canonical = json.dumps([row[name] for name in _COLUMNS], separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last row; (0, sixty-four zeros) of an empty ledger."""
    return _last(connection)


def _last(connection: Connection) -> tuple[int, str]:
    row = connection.execute(select(_TABLE.c.seq, _TABLE.c.hash).order_by(_TABLE.c.seq.desc()).limit(1)).first()
    return (row.seq, row.hash) if row else (0, GENESIS)


def verify(connection: Connection, expected: tuple[int, str] | None = None) -> tuple[Broken, ...]:
    """Every place where the chain does not hold; with a head exported before, also a cut tail."""
    broken: list[Broken] = []
    previous, seq = GENESIS, 0
    seen: str | None = None
    for row in connection.execute(select(_TABLE).order_by(_TABLE.c.seq)):
        values = dict(row._mapping)
        if row.seq != seq + 1:
            broken.append(Broken(row.seq, f"row {seq + 1} is missing"))
        if row.previous != previous:
            broken.append(Broken(row.seq, "it does not follow the row before it"))
        if digest(values) != row.hash:
            broken.append(Broken(row.seq, "its content was changed"))
        if expected and row.seq == expected[0]:
            seen = row.hash
        previous, seq = row.hash, row.seq
    if expected and expected[0] and seen != expected[1]:
        what = "the exported head is gone: rows were cut off" if seen is None else "the exported head has another hash"
        broken.append(Broken(expected[0], what))
    return tuple(broken)


def entries(connection: Connection, subject: str | None = None) -> Iterator[LedgerEntry]:
    """Rows in order, as records; of one subject where it is given."""
    query = select(_TABLE).order_by(_TABLE.c.seq)
    if subject is not None:
        query = query.where(_TABLE.c.subject == subject)
    for row in connection.execute(query):
        yield _entry(row)


def has(connection: Connection, *, subject: str, kind: str, actor: str, since: str, item: str | None = None) -> bool:
    """Whether somebody did this to the subject, or to this item of it, at or after `since` (ISO 8601 in UTC)."""
    query = select(_TABLE.c.seq).where(
        _TABLE.c.subject == subject, _TABLE.c.kind == kind, _TABLE.c.actor == actor, _TABLE.c.at >= since
    )
    if item is not None:
        query = query.where(_TABLE.c.item == item)
    return connection.execute(query.limit(1)).first() is not None


def _entry(row: Row[Any]) -> LedgerEntry:
    act = Act(
        kind=row.kind,
        subject=row.subject,
        item=row.item,
        actor=row.actor,
        role=row.role,
        reason=row.reason,
        seconds=row.seconds,
        timing=row.timing,
        payload=json.loads(row.payload),
    )
    return LedgerEntry(seq=row.seq, at=row.at, act=act, previous=row.previous, hash=row.hash)
