"""Send a signed outcome to an organisation that takes documents: only where a pharmacist chose it, never by itself."""

from __future__ import annotations

import datetime as dt
import json

from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.actions.access import Person, require
from gateway.actions.outcome_files import KINDS, outcome_file
from gateway.actions.register_source import registered_sources
from gateway.actions.withdraw_work import POST, act_of
from gateway.errors import Conflict, InputError, NotFound, Stale
from gateway.records.ledger import Act
from gateway.store import ledger, outbox
from gateway.store.database import Database
from gateway.store.tables import Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]

#: Discharge information is owed within a day; then a person must know that it did not arrive.
GIVE_UP = dt.timedelta(hours=24)
_STANDING = {"waiting", "claimed", "done"}


class Outgoing(Struct, frozen=True, kw_only=True):
    """A document as it is sent: `identifier` is its own (`urn:uuid:...`), `what` names the file for a person."""

    content: bytes
    identifier: str
    what: str
    media_type: str = "application/fhir+json"


def outgoing_document(database: Database, *, review: str, by: Person, now: dt.datetime) -> Outgoing:
    """The signed outcome as FHIR document; its identifier is the same whenever this signing is sent, and wherever.

    Raises as `outcome_file`: Conflict where the review is not signed.
    """
    require(by, "outcome.send")
    made = outcome_file(database, review=review, kind="document", by=by, now=now)
    identifier = json.loads(made.body)["identifier"]["value"]
    return Outgoing(content=made.body, identifier=identifier, what=KINDS["document"], media_type=made.media_type)


class Endpoint(Struct, frozen=True, kw_only=True):
    source: str
    organisation: str


class Sending(Struct, frozen=True, kw_only=True):
    """How one sending stands: `state` as in the outbox; times in ISO 8601; `problem` in safe words.

    `before`: it belongs to a signature that no longer stands.
    """

    id: str
    organisation: str
    what: str
    state: str
    asked_at: str
    next_at: str
    give_up_at: str
    ended_at: str | None
    attempts: int
    problem: str | None
    status: int | None
    location: str | None
    before: bool


def endpoints(database: Database) -> tuple[Endpoint, ...]:
    """Active organisations that take documents, by name."""
    found = [one for one in registered_sources(database) if one.post_url]
    return tuple(Endpoint(source=one.id, organisation=one.organisation) for one in found)


def send_outcome(
    database: Database,
    *,
    review: str,
    endpoint: str,
    outgoing: Outgoing,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> str:
    """The id of the sending, which waits in the outbox. The form sent twice is taken once: the second is a Conflict.

    Raises InputError for an organisation that takes no documents, Conflict where the review is not signed or this was
    sent there already, Stale where it was signed anew since the form was shown.
    """
    require(by, "outcome.send")
    there = next((one for one in endpoints(database) if one.source == endpoint), None)
    if there is None:
        raise InputError("Choose an organisation that takes documents.")
    with database.write() as connection:
        signed_at = _signed(connection, review, expected_version)
        for one in outbox.pieces_of(connection, review, POST):
            same = (one.target, one.signed_at, one.details["what"]) == (endpoint, signed_at, outgoing.what)
            if same and one.state in _STANDING:
                raise Conflict(f"This was sent to {there.organisation} already, or waits to be sent.")
        made = outbox.put(
            connection, kind=POST, subject=review, due=now, give_up=now + GIVE_UP, by=by.account, role=by.role, now=now,
            signed_at=signed_at, target=endpoint, content=outgoing.content, media_type=outgoing.media_type,
            details={"identifier": outgoing.identifier, "what": outgoing.what},
        )  # fmt: skip
        payload: dict[str, object] = {"target": endpoint, "what": outgoing.what, "identifier": outgoing.identifier}
        act = Act(
            kind="post.asked", subject=review, item=made, actor=by.account, role=by.role, seconds=seconds,
            timing=timing, payload=payload,
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return made


def send_again(database: Database, *, review: str, item: str, by: Person, now: dt.datetime) -> None:
    """A sending that failed is tried again under its own keys. Raises NotFound, or Conflict where it did not fail."""
    require(by, "outcome.send")
    with database.write() as connection:
        piece = _piece(connection, review, item)
        _signed(connection, review, None, piece.signed_at)
        if not outbox.again(connection, item, now, now + GIVE_UP):
            raise Conflict("Only what failed can be tried again; look at how it stands now.")
        ledger.append(connection, [act_of(piece, "asked-again", {}, by.account, by.role)], now.isoformat())


def withdraw_sending(database: Database, *, review: str, item: str, by: Person, now: dt.datetime) -> None:
    """Raises NotFound, or Conflict where it is not waiting: sent already, or being sent at this moment."""
    require(by, "outcome.send")
    with database.write() as connection:
        piece = _piece(connection, review, item)
        why = "withdrawn by a person"
        if piece.attempts:
            why += "; an attempt before may have arrived all the same"
        if not outbox.withdraw(connection, now, why, subject=review, item=item):
            raise Conflict("It does not wait any more: look at how it stands now.")
        ledger.append(connection, [act_of(piece, "withdrawn", {"why": why}, by.account, by.role)], now.isoformat())


def sendings(database: Database, review: str) -> tuple[Sending, ...]:
    """Every sending of this review, newest first. The caller's page is the one that is guarded and noted."""
    names = {one.id: one.organisation for one in registered_sources(database, "draft", "active", "retired")}
    with database.read() as connection:
        signed_at = connection.execute(select(_REVIEWS.c.signed_at).where(_REVIEWS.c.id == review)).scalar()
        pieces = outbox.pieces_of(connection, review, POST)
    return tuple(_sending(one, names, signed_at) for one in reversed(pieces))


def _sending(one: outbox.Piece, names: dict[str, str], signed_at: str | None) -> Sending:
    status, location = one.result.get("status"), one.result.get("location")
    return Sending(
        id=one.id,
        organisation=names.get(one.target or "", "an organisation that is not registered any more"),
        what=str(one.details["what"]),
        state=one.state,
        asked_at=one.created_at,
        next_at=one.next_at,
        give_up_at=one.give_up_at,
        ended_at=one.ended_at,
        attempts=one.attempts,
        problem=one.problem,
        status=status if isinstance(status, int) else None,
        location=str(location) if location else None,
        before=one.signed_at != signed_at,
    )


def _signed(connection: Connection, review: str, version: int | None, signed_at: str | None = None) -> str:
    query = select(_REVIEWS.c.state, _REVIEWS.c.version, _REVIEWS.c.signed_at).where(_REVIEWS.c.id == review)
    row = connection.execute(query.with_for_update()).first()
    if row is None:
        raise NotFound("There is no such review.")
    if row.state != "signed":
        raise Conflict("Only a signed list can be sent; sign it first.")
    if (version is not None and row.version != version) or (signed_at is not None and row.signed_at != signed_at):
        raise Stale("The review was opened and signed again in the meantime; look at what is signed now.")
    return str(row.signed_at)


def _piece(connection: Connection, review: str, item: str) -> outbox.Piece:
    found = next((one for one in outbox.pieces_of(connection, review, POST) if one.id == item), None)
    if found is None:
        raise NotFound("There is no such sending.")
    return found
