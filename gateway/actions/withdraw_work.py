"""What a signature had put into the outbox is taken back once that signature stands no more."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from gateway.records.ledger import Act
from gateway.store import outbox

POST = "fhir-post"
FOLLOW_UP = "follow-up"

#: Kind of work -> first part of its ledger rows.
SAID = {POST: "post", FOLLOW_UP: "follow-up"}


def withdraw_work(connection: Connection, *, review: str, why: str, now: dt.datetime) -> tuple[Act, ...]:
    """Everything that still waits for this review; a row for the ledger for each piece."""
    taken = outbox.withdraw(connection, now, why, subject=review)
    return tuple(act_of(piece, "withdrawn", {"why": why}) for piece in taken)


def act_of(
    piece: outbox.Piece, what: str, payload: dict[str, object], actor: str = "gateway", role: str = "gateway"
) -> Act:
    """`what` is sent, done, failed, withdrawn ..., of the piece's kind."""
    said = {"target": piece.target, "attempts": piece.attempts, **piece.details, **payload}
    return Act(
        kind=f"{SAID[piece.kind]}.{what}", subject=piece.subject, item=piece.id, actor=actor, role=role, payload=said
    )
