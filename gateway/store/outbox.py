"""The outbox: work is put in with the change that causes it, claimed under a lease, and ended once.

One mechanism on both databases: a single UPDATE of one due row, guarded by its state; PostgreSQL skips rows that
another worker is claiming, SQLite has one writer at a time. A worker that dies leaves its row claimed; after the lease
anybody may claim it again. The end is written only by the claim that still holds, so what a late worker says is lost
rather than written twice; therefore what goes out carries a key by which a receiver takes it once.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import random
import uuid
import zlib
from collections.abc import Collection, Mapping

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, and_, insert, or_, select, update

from gateway.store.tables import OutboxBody, OutboxItem

LEASE = dt.timedelta(seconds=120)
_FIRST_PAUSE_S = 5.0
_LONGEST_PAUSE_S = 3_600.0

_ITEMS = OutboxItem.__table__  # type: ignore[attr-defined]
_BODIES = OutboxBody.__table__  # type: ignore[attr-defined]


class Piece(Struct, frozen=True, kw_only=True):
    """One piece of work as it stands; `claim` is None where nobody works on it."""

    id: str
    kind: str
    subject: str
    signed_at: str | None
    target: str | None
    details: dict[str, object]
    body: str | None
    state: str
    due_at: str
    next_at: str
    give_up_at: str
    attempts: int
    claim: str | None
    problem: str | None
    result: dict[str, object]
    created_by: str
    created_role: str
    created_at: str
    ended_at: str | None


def moment(at: dt.datetime) -> str:
    """Always with microseconds and in UTC: these texts are compared by the database."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def put(
    connection: Connection,
    *,
    kind: str,
    subject: str,
    due: dt.datetime,
    give_up: dt.datetime,
    by: str,
    role: str,
    now: dt.datetime,
    signed_at: str | None = None,
    target: str | None = None,
    details: Mapping[str, object] | None = None,
    content: bytes | None = None,
    media_type: str = "application/fhir+json",
) -> str:
    """The new piece's id, a UUID, in the caller's transaction."""
    made = str(uuid.uuid4())
    row = {
        "id": made,
        "kind": kind,
        "subject": subject,
        "signed_at": signed_at,
        "target": target,
        "details": json.dumps(dict(details or {}), sort_keys=True),
        "body": None if content is None else _body(connection, content, media_type),
        "state": "waiting",
        "due_at": moment(due),
        "next_at": moment(due),
        "give_up_at": moment(give_up),
        "attempts": 0,
        "result": "{}",
        "created_by": by,
        "created_role": role,
        "created_at": moment(now),
    }
    connection.execute(insert(_ITEMS), [row])
    return made


def _body(connection: Connection, content: bytes, media_type: str) -> str:
    digest = hashlib.sha256(content).hexdigest()
    row = {"sha256": digest, "media_type": media_type, "content": zlib.compress(content)}
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert as insert_new
    else:
        from sqlalchemy.dialects.sqlite import insert as insert_new  # type: ignore[assignment]
    connection.execute(insert_new(_BODIES).on_conflict_do_nothing(), [row])
    return digest


def body_of(connection: Connection, sha256: str) -> tuple[bytes, str]:
    """Content and media type."""
    row = connection.execute(select(_BODIES).where(_BODIES.c.sha256 == sha256)).one()
    return zlib.decompress(row.content), row.media_type


def due_now(connection: Connection, now: dt.datetime, kinds: Collection[str] = ()) -> bool:
    """Whether there is anything to claim; a look without a lock."""
    return connection.execute(select(_ITEMS.c.id).where(_claimable(now, kinds)).limit(1)).first() is not None


def claim(connection: Connection, now: dt.datetime, kinds: Collection[str] = ()) -> Piece | None:
    """The piece that waits longest, for this caller alone until the lease ends; of these kinds where any is named."""
    waiting = select(_ITEMS.c.id).where(_claimable(now, kinds)).order_by(_ITEMS.c.next_at, _ITEMS.c.id).limit(1)
    taken = (
        update(_ITEMS)
        .where(_ITEMS.c.id == waiting.with_for_update(skip_locked=True).scalar_subquery(), _claimable(now, kinds))
        .values(
            state="claimed",
            claim=uuid.uuid4().hex,
            lease_until=moment(now + LEASE),
            attempts=_ITEMS.c.attempts + 1,
        )
        .returning(_ITEMS)
    )
    row = connection.execute(taken).first()
    return _piece(row) if row else None


def _claimable(now: dt.datetime, kinds: Collection[str]) -> ColumnElement[bool]:
    at = moment(now)
    free = or_(
        and_(_ITEMS.c.state == "waiting", _ITEMS.c.next_at <= at),
        and_(_ITEMS.c.state == "claimed", _ITEMS.c.lease_until < at),
    )
    return and_(free, _ITEMS.c.kind.in_(kinds)) if kinds else free


def end(
    connection: Connection,
    piece: Piece,
    state: str,
    now: dt.datetime,
    *,
    problem: str | None = None,
    result: Mapping[str, object] | None = None,
) -> bool:
    """Whether this claim still held, so that the end was written."""
    return _settle(
        connection,
        piece,
        {
            "state": state,
            "problem": problem,
            "result": json.dumps(dict(result or {}), sort_keys=True),
            "ended_at": moment(now),
        },
    )


def put_off(connection: Connection, piece: Piece, until: dt.datetime, problem: str) -> bool:
    """Whether this claim still held, so that the next attempt was planned."""
    return _settle(connection, piece, {"state": "waiting", "next_at": moment(until), "problem": problem})


def _settle(connection: Connection, piece: Piece, values: dict[str, object]) -> bool:
    held = and_(_ITEMS.c.id == piece.id, _ITEMS.c.state == "claimed", _ITEMS.c.claim == piece.claim)
    changed = connection.execute(update(_ITEMS).where(held).values(claim=None, lease_until=None, **values))
    return changed.rowcount == 1


def pause(attempts: int) -> dt.timedelta:
    """Before the next attempt: 5 s, 10 s, 20 s ... at most an hour, of which up to a third falls to chance."""
    whole = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(attempts - 1, 20))
    return dt.timedelta(seconds=whole * random.uniform(2 / 3, 1))  # noqa: S311 - jitter, no secret


def again(connection: Connection, item: str, now: dt.datetime, give_up: dt.datetime) -> bool:
    """A failed piece waits again, under its own id; whether it was failed."""
    there = and_(_ITEMS.c.id == item, _ITEMS.c.state == "failed")
    values = {"state": "waiting", "next_at": moment(now), "give_up_at": moment(give_up), "ended_at": None}
    return connection.execute(update(_ITEMS).where(there).values(**values)).rowcount == 1


def withdraw(
    connection: Connection, now: dt.datetime, why: str, *, subject: str, item: str | None = None
) -> list[Piece]:
    """Take back what waits, for a subject or one item of it. What is being done at this moment ends by itself:
    its end says what came of it."""
    waiting = and_(_ITEMS.c.subject == subject, _ITEMS.c.state == "waiting")
    if item is not None:
        waiting = and_(waiting, _ITEMS.c.id == item)
    values = {"state": "withdrawn", "problem": why, "ended_at": moment(now)}
    taken = update(_ITEMS).where(waiting).values(**values).returning(_ITEMS)
    return sorted((_piece(row) for row in connection.execute(taken)), key=lambda piece: (piece.due_at, piece.id))


def pieces_of(connection: Connection, subject: str, kind: str | None = None) -> list[Piece]:
    """Everything that was ever put in for this subject, oldest first."""
    query = (
        select(_ITEMS).where(_ITEMS.c.subject == subject).order_by(_ITEMS.c.created_at, _ITEMS.c.due_at, _ITEMS.c.id)
    )
    if kind is not None:
        query = query.where(_ITEMS.c.kind == kind)
    return [_piece(row) for row in connection.execute(query)]


def _piece(row: Row[tuple[object, ...]]) -> Piece:
    values = {f: getattr(row, f) for f in Piece.__struct_fields__}
    return Piece(**values | {"details": json.loads(row.details), "result": json.loads(row.result)})
