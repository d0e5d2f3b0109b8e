"""The ledger: every proposal and every act, append-only, each row chained to the one before it by SHA-256.

Each row of a person is stamped here with that person's staff group and pay band and, where its time was measured, with
the idle threshold, so that no action can forget it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, insert, select

from gateway.records.ledger import IDLE_AFTER_S, KINDS, MEASURED, Act, Broken, LedgerEntry
from gateway.store import chain
from gateway.store.tables import Account, LedgerRow

GENESIS = chain.GENESIS

_LOCK = 0x6D656472

#: Subjects that one query names.
_AT_ONCE = 500

_PAYLOAD = msgspec.json.Decoder(dict[str, object])
_TABLE = LedgerRow.__table__  # type: ignore[attr-defined]
_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
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
_STAMPS = ("staff_group", "band", "idle_after_s")


def append(connection: Connection, acts: Sequence[Act], at: str) -> tuple[int, ...]:
    """Write rows in the caller's transaction; their numbers. Raises ValueError for a kind that is not known."""
    return append_dated(connection, [(act, at) for act in acts])


def append_dated(connection: Connection, acts: Sequence[tuple[Act, str]]) -> tuple[int, ...]:
    """As `append`, each act with its own moment (ISO 8601, UTC), for rows that are brought over from elsewhere."""
    chain.lock(connection, _LOCK)
    seq, previous = chain.last(connection, _TABLE)
    people = _people(connection, {act.actor for act, _ in acts})
    rows = []
    for act, at in acts:
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
            "staff_group": None,
            "band": None,
            "idle_after_s": IDLE_AFTER_S if act.timing in MEASURED else None,
        }
        if act.actor in people:
            row["staff_group"], row["band"] = people[act.actor]
        previous = row["hash"] = digest(row)
        rows.append(row)
    if rows:
        connection.execute(insert(_TABLE), rows)
    return tuple(row["seq"] for row in rows)


def _people(connection: Connection, actors: set[str]) -> dict[str, tuple[str | None, str | None]]:
    """Staff group and band of each actor as they are now: the row keeps them, whatever the account says later."""
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.staff_group, _ACCOUNTS.c.band).where(_ACCOUNTS.c.id.in_(actors))
    return {row.id: (row.staff_group, row.band) for row in connection.execute(query)}


def digest(row: Mapping[str, Any]) -> str:
    """Over all columns but the hash itself; rows from before staff group, band and threshold were kept lack these."""
    stamped = [row[name] for name in _STAMPS]
    return chain.digest([row[name] for name in _COLUMNS] + (stamped if any(x is not None for x in stamped) else []))


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last row; (0, sixty-four zeros) of an empty ledger."""
    return chain.last(connection, _TABLE)


def verify(connection: Connection, expected: tuple[int, str] | None = None) -> tuple[Broken, ...]:
    """Every place where the chain does not hold; with a head exported before, also a cut tail."""
    return chain.verify(connection, _TABLE, digest, expected)


def entries(connection: Connection, subject: str | None = None) -> Iterator[LedgerEntry]:
    """Rows in order, as records; of one subject where it is given."""
    where = () if subject is None else (_TABLE.c.subject == subject,)
    return _read(connection, *where, order=(_TABLE.c.seq,))


def of_actor(connection: Connection, actor: str, *, since: str) -> Iterator[LedgerEntry]:
    """What one person did at or after `since` (ISO 8601 in UTC), in order."""
    return _read(connection, _TABLE.c.actor == actor, _TABLE.c.at >= since, order=(_TABLE.c.seq,))


def entry(connection: Connection, seq: int) -> LedgerEntry | None:
    """One row by its number."""
    return next(_read(connection, _TABLE.c.seq == seq, order=(_TABLE.c.seq,)), None)


def by_subject(connection: Connection, since: int = 0) -> Iterator[LedgerEntry]:
    """All rows of each subject that has rows after number `since`, subject after subject, each in order."""
    order = (_TABLE.c.subject, _TABLE.c.seq)
    if not since:
        yield from _read(connection, order=order)
        return
    # Named, not joined: PostgreSQL reads the whole ledger for the join, and these are few.
    touched = sorted(connection.execute(select(_TABLE.c.subject).where(_TABLE.c.seq > since).distinct()).scalars())
    for start in range(0, len(touched), _AT_ONCE):
        yield from _read(connection, _TABLE.c.subject.in_(touched[start : start + _AT_ONCE]), order=order)


def _read(
    connection: Connection, *where: ColumnElement[bool], order: Sequence[ColumnElement[Any]]
) -> Iterator[LedgerEntry]:
    """Rows as records, a few thousand at a time."""
    query = select(*(_TABLE.c[name] for name in (*_COLUMNS, "hash", *_STAMPS))).where(*where).order_by(*order)
    for part in connection.execute(query, execution_options={"yield_per": 5000}).partitions():
        yield from map(_entry, part)


def has(connection: Connection, *, subject: str, kind: str, actor: str, since: str, item: str | None = None) -> bool:
    """Whether somebody did this to the subject, or to this item of it, at or after `since` (ISO 8601 in UTC)."""
    query = select(_TABLE.c.seq).where(
        _TABLE.c.subject == subject, _TABLE.c.kind == kind, _TABLE.c.actor == actor, _TABLE.c.at >= since
    )
    if item is not None:
        query = query.where(_TABLE.c.item == item)
    return connection.execute(query.limit(1)).first() is not None


def _entry(row: Sequence[Any]) -> LedgerEntry:
    # by place, not by name: a million rows are read this way, and each name costs a look-up
    (seq, at, kind, subject, item, actor, role, reason, seconds, timing, payload, previous,
     hash_, staff_group, band, idle_after_s) = row  # fmt: skip
    decoded = _PAYLOAD.decode(payload) if payload != "{}" else {}
    act = Act(
        kind=kind, subject=subject, item=item, actor=actor, role=role, reason=reason, seconds=seconds, timing=timing,
        payload=decoded,
    )  # fmt: skip
    return LedgerEntry(
        seq=seq, at=at, act=act, previous=previous, hash=hash_, staff_group=staff_group, band=band,
        idle_after_s=idle_after_s,
    )  # fmt: skip
