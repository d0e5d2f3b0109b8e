"""A person says what an item is that the gateway could not understand; taken back, the note stays in the record."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import QuarantineNote, Review

_NOTES = QuarantineNote.__table__  # type: ignore[attr-defined]
_REVIEWS = Review.__table__  # type: ignore[attr-defined]

LONGEST_NOTE = 4_000


class Noted(Struct, frozen=True, kw_only=True):
    """What a person said of an item of a list, and when."""

    id: str
    note: str
    at: str


#: By list and resource.
Notes = dict[tuple[str, str], Noted]


def notes_of(connection: Connection, review: str) -> Notes:
    """Those that stand."""
    query = select(_NOTES).where(_NOTES.c.review == review, _NOTES.c.standing.is_(True))
    return {(r.list, r.resource): Noted(id=r.id, note=r.note, at=r.at) for r in connection.execute(query)}


def note_quarantined(
    database: Database,
    reconciliation: Reconciliation,
    *,
    review: str,
    list_name: str,
    resource: str,
    note: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """`reconciliation` is what the review shows. Raises InputError, NotFound, Conflict."""
    require(by, "review.decide")
    if not note.strip():
        raise InputError("Say what the item is and how you know; it then no longer stands against signing.")
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise InputError(f"A note has at most {LONGEST_NOTE} characters.")
    items = {(q.list, q.resource) for one in reconciliation.lists for q in one.written.quarantined}
    if (list_name, resource) not in items:
        raise NotFound("There is no such item in this review.")
    with database.write() as connection:
        _open(connection, review)
        if (list_name, resource) in notes_of(connection, review):
            raise Conflict("Somebody has noted already what this item is; look at their note first.")
        made = {
            "id": new_id(),
            "review": review,
            "list": list_name,
            "resource": resource,
            "note": note.strip(),
            "actor": by.account,
            "role": by.role,
            "at": now.isoformat(),
            "standing": True,
        }
        connection.execute(insert(_NOTES), [made])
        act = Act(
            kind="quarantine.understood", subject=review, item=f"{list_name}/{resource}", actor=by.account,
            role=by.role, seconds=seconds, timing=timing, payload={"note": note.strip()},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())


def undo_note(
    database: Database, *, review: str, note: str, by: Person, now: dt.datetime, seconds: float | None = None,
    timing: str | None = None,
) -> None:  # fmt: skip
    """Raises NotFound, or Conflict where it stands no longer."""
    require(by, "review.decide")
    with database.write() as connection:
        _open(connection, review)
        there = connection.execute(select(_NOTES).where(_NOTES.c.id == note, _NOTES.c.review == review)).first()
        if there is None:
            raise NotFound("There is no such note in this review.")
        taken = (_NOTES.c.id == note, _NOTES.c.standing.is_(True))
        if connection.execute(update(_NOTES).where(*taken).values(standing=False)).rowcount != 1:
            raise Conflict("The note was taken back already.")
        act = Act(
            kind="quarantine.undone",
            subject=review,
            item=f"{there.list}/{there.resource}",
            actor=by.account,
            role=by.role,
            seconds=seconds,
            timing=timing,
        )
        ledger.append(connection, [act], now.isoformat())


def carry_notes(connection: Connection, *, old: str, new: str, before: Reconciliation, after: Reconciliation) -> None:
    """A note goes on in the review of newer lists where the very same item is there again."""
    was = {(q.list, q.resource): q for one in before.lists for q in one.written.quarantined}
    now = {(q.list, q.resource): q for one in after.lists for q in one.written.quarantined}
    query = select(_NOTES).where(_NOTES.c.review == old, _NOTES.c.standing.is_(True))
    copies = [
        dict(one._mapping) | {"id": new_id(), "review": new}
        for one in connection.execute(query)
        if (key := (one.list, one.resource)) in now and now[key] == was.get(key)
    ]
    if copies:
        connection.execute(insert(_NOTES), copies)


def _open(connection: Connection, review: str) -> None:
    state = connection.execute(select(_REVIEWS.c.state).where(_REVIEWS.c.id == review).with_for_update()).scalar()
    if state is None:
        raise NotFound("There is no such review.")
    if state != "open":
        raise Conflict("The review is read-only; open it again, or look at the newer one.")
