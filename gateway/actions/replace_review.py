"""New lists for a patient who has a review: the new review takes over what a person decided and nothing changed."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, insert, select, update

from gateway.actions.handover import carry_handovers
from gateway.actions.ids import new_id
from gateway.actions.quarantine_notes import carry_notes
from gateway.actions.queries import carry_queries
from gateway.actions.withdraw_work import withdraw_work
from gateway.records.decision import Decision
from gateway.records.ledger import Act
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation
from gateway.store.tables import AuditCase, Review, RowDecision

_REVIEWS = Review.__table__  # type: ignore[attr-defined]
_DECISIONS = RowDecision.__table__  # type: ignore[attr-defined]
_CASES = AuditCase.__table__  # type: ignore[attr-defined]

_SNAPSHOT = msgspec.msgpack.Decoder(Reconciliation)


def replace_open_reviews(
    connection: Connection, *, patient: str, by: str, reconciliation: Reconciliation, now: dt.datetime
) -> tuple[Act, ...]:
    """What happened, for the ledger. A decision is carried only where its row holds exactly the same entries."""
    standing = _REVIEWS.c.state.in_(("open", "signed"))
    query = select(_REVIEWS).where(_REVIEWS.c.patient == patient, standing, _REVIEWS.c.id != by)
    acts: list[Act] = []
    for old in connection.execute(query.with_for_update()).all():
        before = _SNAPSHOT.decode(old.snapshot)
        acts += _carry(connection, old.id, by, before, reconciliation)
        carry_notes(connection, old=old.id, new=by, before=before, after=reconciliation)
        connection.execute(
            update(_REVIEWS).where(_REVIEWS.c.id == old.id).values(state="replaced", version=old.version + 1)
        )
        taken = select(_CASES.c.pack).where(_CASES.c.review == by)
        connection.execute(
            update(_CASES).where(_CASES.c.review == old.id, _CASES.c.pack.not_in(taken)).values(review=by)
        )
        carry_handovers(connection, old=old.id, new=by)
        acts.append(Act(kind="review.replaced", subject=old.id, payload={"by": by, "was": old.state}))
        if old.state == "signed":
            acts += withdraw_work(
                connection, review=old.id, why="the lists changed and the review was replaced", now=now
            )
            acts.append(
                Act(kind="review.reopened", subject=by, payload={"why": "the lists changed after it was signed"})
            )
    return tuple(acts)


def _carry(connection: Connection, old: str, new: str, before: Reconciliation, after: Reconciliation) -> list[Act]:
    there = {_content(row, before.entries()): row.id for row in before.rows}
    now = {there[key]: row.id for row in after.rows if (key := _content(row, after.entries())) in there}
    taken = set(connection.execute(select(_DECISIONS.c.row).where(_DECISIONS.c.review == new)).scalars())
    query = select(_DECISIONS).where(_DECISIONS.c.review == old, _DECISIONS.c.standing)
    acts = []
    for one in connection.execute(query).all():
        row = now.get(one.row)
        if row is None or row in taken:
            continue
        decision = msgspec.structs.replace(msgspec.json.decode(one.decision, type=Decision), row=row)
        values = {"id": new_id(), "review": new, "row": row, "version": 1, "standing": True}
        connection.execute(insert(_DECISIONS), [values | {"decision": msgspec.json.encode(decision).decode()}])
        carry_queries(connection, old=old, row=one.row, new=new, new_row=row)
        payload: dict[str, object] = {"from": old, "row": one.row, "outcome": decision.outcome.value}
        acts.append(Act(kind="row.carried", subject=new, item=row, reason=decision.reason, payload=payload))
    return acts


def _content(row: Row, entries: dict[str, MedicineEntry]) -> tuple[MedicineEntry, ...]:
    """The entries without the document they came in: a new fetch has new documents and may have the same content."""
    found = [entries[e] for e in row.entries]
    return tuple(msgspec.structs.replace(e, written=msgspec.structs.replace(e.written, document=None)) for e in found)
