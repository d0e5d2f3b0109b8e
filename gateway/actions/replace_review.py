"""New lists for a patient who has a review: the new review takes over what a person decided and nothing changed."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, insert, select, update

from gateway.actions.handover import carry_handovers
from gateway.actions.ids import new_id
from gateway.actions.quarantine_notes import carry_notes
from gateway.actions.queries import carry_queries, close_queries
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

#: A finding this severe (moderate) that is new on an unchanged row asks for a new look at what was decided.
LOOK_AGAIN_FROM = 2

_SNAPSHOT = msgspec.msgpack.Decoder(Reconciliation)


def replace_open_reviews(
    connection: Connection, *, patient: str, by: str, reconciliation: Reconciliation, now: dt.datetime
) -> tuple[Act, ...]:
    """What happened, for the ledger. A decision is carried only where its row holds exactly the same entries
    and no rule has a new concern; otherwise it is kept to be shown, and stands no more.
    """
    standing = _REVIEWS.c.state.in_(("open", "signed"))
    query = select(_REVIEWS).where(_REVIEWS.c.patient == patient, standing, _REVIEWS.c.id != by)
    acts: list[Act] = []
    for old in connection.execute(query.with_for_update()).all():
        before = _SNAPSHOT.decode(old.snapshot)
        acts += _carry(connection, old.id, by, before, reconciliation, now)
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


def _carry(
    connection: Connection, old: str, new: str, before: Reconciliation, after: Reconciliation, at: dt.datetime
) -> list[Act]:
    there = {_content(row, before.entries()): row.id for row in before.rows}
    now = {there[key]: row.id for row in after.rows if (key := _content(row, after.entries())) in there}
    taken = set(connection.execute(select(_DECISIONS.c.row).where(_DECISIONS.c.review == new)).scalars())
    worse = _new_concerns(before, after, now)
    query = select(_DECISIONS).where(_DECISIONS.c.review == old, _DECISIONS.c.standing | _DECISIONS.c.look_again)
    acts = []
    for one in connection.execute(query).all():
        decided = msgspec.json.decode(one.decision, type=Decision)
        same = now.get(one.row)
        stands = one.standing and same is not None and same not in worse
        # Where the row was parted, each part is looked at again; where rows were joined, the first decision is shown.
        rows = [same] if same else _likewise(one.row, before, after)
        if not rows:  # the medicine is on no list any more
            close_queries(connection, review=old, row=one.row, now=at)
        for row in rows:
            # A question stays open where its row goes on, also where the decision is only shown: it may be answered.
            carry_queries(connection, old=old, row=one.row, new=new, new_row=row)
            if row in taken:
                continue
            taken.add(row)
            decision = msgspec.structs.replace(decided, row=row)
            values = {"id": new_id(), "review": new, "row": row, "version": 1, "standing": stands}
            content = {"look_again": not stands, "decision": msgspec.json.encode(decision).decode()}
            connection.execute(insert(_DECISIONS), [values | content])
            if stands:
                payload: dict[str, object] = {"from": old, "row": one.row, "outcome": decision.outcome.value}
                acts.append(Act(kind="row.carried", subject=new, item=row, reason=decision.reason, payload=payload))
    return acts


def _likewise(row: str, before: Reconciliation, after: Reconciliation) -> list[str]:
    """Rows that hold an entry of this row, else those of the same medicine by the same kind of route."""
    old = next((r for r in before.rows if r.id == row), None)
    if old is None:
        return []
    shared = [r.id for r in after.rows if set(r.entries) & set(old.entries)]
    same = (old.ingredients, old.kind_of_route)
    return shared or [r.id for r in after.rows if r.ingredients and (r.ingredients, r.kind_of_route) == same]


def _new_concerns(before: Reconciliation, after: Reconciliation, now: dict[str, str]) -> set[str]:
    """Rows whose entries are the same, and of which a rule now says something of weight that it did not say before:
    what was decided was decided without knowing of it (ibuprofen, told by the patient, beside warfarin)."""
    was = {(now.get(row), said) for row, said in _concerns(before)}
    return {row for row, said in _concerns(after) if (row, said) not in was}


def _concerns(one: Reconciliation) -> set[tuple[str, str]]:
    row_of = {entry: row.id for row in one.rows for entry in row.entries}
    weighty = [d for d in one.discrepancies if d.row and d.severity >= LOOK_AGAIN_FROM]
    return {(row, d.message) for d in weighty for row in {d.row, *(row_of.get(e) for e in d.entries)} if row}


def _content(row: Row, entries: dict[str, MedicineEntry]) -> tuple[MedicineEntry, ...]:
    """The entries without the document they came in: a new fetch has new documents and may have the same content."""
    found = [entries[e] for e in row.entries]
    return tuple(msgspec.structs.replace(e, written=msgspec.structs.replace(e.written, document=None)) for e in found)
