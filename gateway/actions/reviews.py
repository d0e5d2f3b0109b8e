"""A review as it is stored: opened with a snapshot, looked at, read back exactly as its reviewer saw it."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, insert, select

from gateway.actions.access import Person
from gateway.actions.access_log import look
from gateway.actions.hand_lists import entries_by_hand
from gateway.actions.ids import new_id
from gateway.actions.patient_banner import PatientBanner, banner_of
from gateway.actions.presence import note_presence
from gateway.actions.quarantine_notes import Notes, notes_of
from gateway.actions.queries import Query, queries_of
from gateway.actions.replace_review import replace_open_reviews
from gateway.errors import NotFound
from gateway.records.by_hand import HandEntry
from gateway.records.decision import Decision
from gateway.records.ledger import Act
from gateway.records.lists import ListState
from gateway.records.reconciliation import Reconciliation
from gateway.review.changes import Change, changes
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Patient, Review, RowDecision, Stay

#: A review looked at again within this time is still the same look.
ONE_LOOK = dt.timedelta(minutes=30)

_REVIEWS = Review.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
_STAYS = Stay.__table__  # type: ignore[attr-defined]
_DECISIONS = RowDecision.__table__  # type: ignore[attr-defined]

# Built here, by one thread: two that are the first to decode a type at the same moment end the process (read_once).
_SNAPSHOT = msgspec.msgpack.Decoder(Reconciliation)
_DECISION = msgspec.json.Decoder(Decision)


class StandingDecision(Struct, frozen=True, kw_only=True):
    """The decision that stands for a row, None after an undo; `version` goes into the next form.

    `look_again` is what was decided before the row changed, and does not stand any more.
    """

    decision: Decision | None
    version: int
    look_again: Decision | None = None


class ReviewPage(Struct, frozen=True, kw_only=True):
    """All that the page of a review shows. `follows` is the review whose place it took, `changed` how much differs.

    `by_hand` are the medicines that people entered, also those taken back. `queries` are by row, `notes` by item that
    was not understood.
    """

    id: str
    state: str
    version: int
    opened_at: str
    signed_at: str | None
    patient: PatientBanner
    reconciliation: Reconciliation
    decisions: dict[str, StandingDecision]
    follows: str | None = None
    changed: int = 0
    by_hand: tuple[HandEntry, ...] = ()
    queries: dict[str, tuple[Query, ...]] = {}
    notes: Notes = {}


def changes_since(database: Database, page: ReviewPage) -> tuple[tuple[Change, ...], str | None]:
    """What changed since the review that this one follows, and when the lists of that one were fetched."""
    if page.follows is None:
        return (), None
    with database.read() as connection:
        row = connection.execute(select(_REVIEWS).where(_REVIEWS.c.id == page.follows)).first()
    if row is None:
        return (), None
    return changes(_SNAPSHOT.decode(row.snapshot), page.reconciliation), row.opened_at


def open_review(database: Database, *, patient: str, reconciliation: Reconciliation, now: dt.datetime) -> str:
    """Store what the reviewer will see, and one ledger row for each match the gateway proposes; the review's id.

    An open or signed review of the same patient is replaced: decisions on rows that nothing changed are carried over,
    the audit cases follow, and the old review stays as it was, read-only. Where nothing on the lists changed since a
    review was signed, it stays signed, and its id is returned.
    """
    with database.write() as connection:
        return put_review(connection, patient=patient, reconciliation=reconciliation, now=now)


def put_review(connection: Connection, *, patient: str, reconciliation: Reconciliation, now: dt.datetime) -> str:
    """`open_review` within the transaction of what made a new one necessary."""
    review = new_id()
    snapshot = msgspec.msgpack.encode(reconciliation)
    row = {
        "id": review,
        "patient": patient,
        "state": "open",
        "snapshot": snapshot,
        "snapshot_sha256": hashlib.sha256(snapshot).hexdigest(),
        "opened_at": now.isoformat(),
        "signed_at": None,
        "version": 1,
        "follows": None,
        "changed": 0,
    }
    proposals = [
        Act(
            kind="match.proposed",
            subject=review,
            item=one.id,
            reason=one.level.value,
            payload={"entries": list(one.entries), "reasons": list(one.reasons)},
        )
        for one in reconciliation.rows
        if len(one.entries) > 1
    ]
    missing = sum(one.state is not ListState.COMPLETE for one in reconciliation.lists)
    ward = connection.execute(select(_PATIENTS.c.ward).where(_PATIENTS.c.id == patient)).scalar_one()
    admitted = connection.execute(
        select(_STAYS.c.admitted_at).where(_STAYS.c.patient == patient, _STAYS.c.ended_at.is_(None)).limit(1)
    ).scalar()
    facts = {"ward": ward or "", "lists_missing": missing, "admitted_at": admitted or ""}
    made = Act(kind="review.made", subject=review, payload=facts)
    last = _last_review(connection, patient)
    if last:
        found = changes(_SNAPSHOT.decode(last.snapshot), reconciliation)
        if last.state == "signed" and not found:
            act = Act(kind="review.unchanged", subject=str(last.id))
            ledger.append(connection, [act], now.isoformat())
            return str(last.id)
        row |= {"follows": last.id, "changed": len(found)}
    connection.execute(insert(_REVIEWS), [row])
    carried = replace_open_reviews(connection, patient=patient, by=review, reconciliation=reconciliation, now=now)
    ledger.append(connection, [made, *proposals, *carried], now.isoformat())
    return review


def newest_of(connection: Connection, patient: str) -> str:
    """The review of this patient that stands. Raises NotFound."""
    last = _last_review(connection, patient)
    if last is None:
        raise NotFound("There is no such review.")
    return str(last.id)


def _last_review(connection: Connection, patient: str) -> Row[Any] | None:
    """The one that a new review of this patient takes the place of."""
    query = select(_REVIEWS).where(_REVIEWS.c.patient == patient, _REVIEWS.c.state.in_(("open", "signed")))
    row: Row[Any] | None = connection.execute(query.order_by(_REVIEWS.c.opened_at.desc()).limit(1)).first()
    return row


def look_at_review(
    database: Database, *, review: str, by: Person, now: dt.datetime, record: bool = True, seconds: float | None = None,
    timing: str | None = None,
) -> ReviewPage:  # fmt: skip
    """The page, with who looked and when. Raises NotAllowed (and keeps the denial) or NotFound."""
    look(database, what="review.see", review=review, by=by, now=now)
    with database.write() as connection:
        if connection.execute(select(_REVIEWS.c.id).where(_REVIEWS.c.id == review)).first():
            note_presence(connection, review=review, by=by, now=now)
    with database.read() as connection:
        page = read_review(connection, review)
    if record:
        with database.write() as connection:
            if not _opened_lately(connection, review, by, now):
                act = Act(
                    kind="review.opened", subject=review, actor=by.account, role=by.role, seconds=seconds, timing=timing
                )
                ledger.append(connection, [act], now.isoformat())
    return page


def _opened_lately(connection: Connection, review: str, by: Person, now: dt.datetime) -> bool:
    """A page drawn again after a form or a filter is the same look, not another piece of work."""
    since = (now - ONE_LOOK).isoformat()
    return ledger.has(connection, subject=review, kind="review.opened", actor=by.account, since=since)


def lock_review(connection: Connection, review: str) -> None:
    """Writers of one review wait for each other, also for a row that nobody has decided yet."""
    connection.execute(select(_REVIEWS.c.id).where(_REVIEWS.c.id == review).with_for_update())


def read_review(connection: Connection, review: str) -> ReviewPage:
    """Raises NotFound."""
    row = connection.execute(select(_REVIEWS).where(_REVIEWS.c.id == review)).first()
    if row is None:
        raise NotFound("There is no such review.")
    decisions = connection.execute(select(_DECISIONS).where(_DECISIONS.c.review == review)).all()
    return ReviewPage(
        id=row.id,
        state=row.state,
        version=row.version,
        opened_at=row.opened_at,
        signed_at=row.signed_at,
        patient=banner_of(connection, row.patient),
        reconciliation=_SNAPSHOT.decode(row.snapshot),
        decisions={
            d.row: StandingDecision(
                decision=_DECISION.decode(d.decision) if d.standing else None,
                version=d.version,
                look_again=_DECISION.decode(d.decision) if d.look_again else None,
            )
            for d in decisions
        },
        follows=row.follows,
        changed=row.changed,
        by_hand=entries_by_hand(connection, row.patient),
        queries=queries_of(connection, review),
        notes=notes_of(connection, review),
    )
