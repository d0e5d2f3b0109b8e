"""Who works on a review: take it, give it to another pharmacist with a note; every handover stays."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, Select, func, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.access_log import look
from gateway.actions.ids import new_id
from gateway.actions.patient_banner import PatientBanner, banner_of
from gateway.actions.presence import ago
from gateway.errors import Conflict, InputError, NotFound, Stale
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account, Handover, Review

_HANDOVERS = Handover.__table__  # type: ignore[attr-defined]
_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_REVIEWS = Review.__table__  # type: ignore[attr-defined]

LONGEST_NOTE = 4_000


class Given(Struct, frozen=True, kw_only=True):
    """One handover: to whom, by whom, when. `version` goes into the next form."""

    account: str
    name: str
    by: str
    by_name: str
    note: str | None
    at: str
    version: int


class HandoverPage(Struct, frozen=True, kw_only=True):
    """`history` is newest first; its first holds. `pharmacists` are (account, name) of those who may be given it."""

    review: str
    state: str
    patient: PatientBanner
    history: tuple[Given, ...]
    pharmacists: tuple[tuple[str, str], ...]

    @property
    def version(self) -> int:
        return self.history[0].version if self.history else 0


def handover_page(database: Database, *, review: str, by: Person, now: dt.datetime) -> HandoverPage:
    """Raises NotAllowed (and keeps the denial) or NotFound."""
    look(database, what="review.assign", review=review, by=by, now=now)
    with database.read() as connection:
        row = connection.execute(select(_REVIEWS.c.state, _REVIEWS.c.patient).where(_REVIEWS.c.id == review)).first()
        if row is None:
            raise NotFound("There is no such review.")
        return HandoverPage(
            review=review,
            state=row.state,
            patient=banner_of(connection, row.patient),
            history=_history(connection, review),
            pharmacists=_pharmacists(connection),
        )


def holder(database: Database, review: str) -> Given | None:
    """Who has it; None where nobody took it."""
    with database.read() as connection:
        return next(iter(_history(connection, review)), None)


def holders(connection: Connection) -> dict[str, Given]:
    """Who has each review that was not replaced; one that nobody took is not among them."""
    last = (
        select(_HANDOVERS.c.review, func.max(_HANDOVERS.c.version).label("version"))
        .group_by(_HANDOVERS.c.review)
        .subquery()
    )
    query = (
        _given()
        .join(last, (last.c.review == _HANDOVERS.c.review) & (last.c.version == _HANDOVERS.c.version))
        .join(_REVIEWS, _REVIEWS.c.id == _HANDOVERS.c.review)
        .where(_REVIEWS.c.state != "replaced")
    )
    return {row.review: _as_given(row) for row in connection.execute(query)}


def assign(
    database: Database,
    *,
    review: str,
    to: str,
    note: str,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> Given:
    """Who now has it; the same form sent twice writes once.

    Raises InputError where `to` is no active pharmacist or has it already, Stale with who was faster, Conflict for a
    review that is not open, NotFound.
    """
    require(by, "review.assign")
    said = note.strip()
    if len(said) > LONGEST_NOTE or "\0" in said:
        raise InputError(f"A note has at most {LONGEST_NOTE} characters.")
    with database.write() as connection:
        state = connection.execute(select(_REVIEWS.c.state).where(_REVIEWS.c.id == review).with_for_update()).scalar()
        if state is None:
            raise NotFound("There is no such review.")
        if state != "open":
            raise Conflict("This review is signed or was replaced; only an open review is given to somebody.")
        before = next(iter(_history(connection, review)), None)
        version = before.version if before else 0
        if before and (version - 1, before.account, before.by, before.note or "") == (
            expected_version,
            to,
            by.account,
            said,
        ):
            return before
        if version != expected_version:
            raise Stale(_told(before, now))
        if to not in dict(_pharmacists(connection)):
            raise InputError("Choose who is to go on with it.")
        if before and before.account == to:
            raise InputError(f"{before.name} has this review already.")
        made = {
            "id": new_id(),
            "review": review,
            "version": version + 1,
            "given_to": to,
            "given_by": by.account,
            "note": said or None,
            "at": now.isoformat(),
        }
        connection.execute(insert(_HANDOVERS), [made])
        act = Act(
            kind="review.handed-over" if before else "review.assigned",
            subject=review,
            actor=by.account,
            role=by.role,
            seconds=seconds,
            timing=timing,
            payload={"to": to, "from": before.account if before else None, "note": bool(said), "version": version + 1},
        )
        ledger.append(connection, [act], now.isoformat())
        return _history(connection, review)[0]


def carry_handovers(connection: Connection, *, old: str, new: str) -> None:
    """Whoever had the review of the older lists has that of the newer ones, with the whole history."""
    there = connection.execute(select(_HANDOVERS.c.id).where(_HANDOVERS.c.review == new).limit(1)).first()
    if there is None:
        connection.execute(update(_HANDOVERS).where(_HANDOVERS.c.review == old).values(review=new))


def _told(before: Given | None, now: dt.datetime) -> str:
    if before is None:
        return "Somebody changed this in the meantime; look again."
    when = ago(now - dt.datetime.fromisoformat(before.at))
    if before.by == before.account:
        return f"{before.name} took this review {when}."
    return f"{before.by_name} gave this review to {before.name} {when}."


def _given() -> Select[Any]:
    to, by = _ACCOUNTS.alias("to_whom"), _ACCOUNTS.alias("by_whom")
    return (
        select(_HANDOVERS, to.c.display_name.label("to_name"), by.c.display_name.label("by_name"))
        .join(to, to.c.id == _HANDOVERS.c.given_to)
        .join(by, by.c.id == _HANDOVERS.c.given_by)
    )


def _history(connection: Connection, review: str) -> tuple[Given, ...]:
    query = _given().where(_HANDOVERS.c.review == review).order_by(_HANDOVERS.c.version.desc())
    return tuple(_as_given(row) for row in connection.execute(query))


def _pharmacists(connection: Connection) -> tuple[tuple[str, str], ...]:
    query = select(_ACCOUNTS.c.id, _ACCOUNTS.c.display_name).where(
        _ACCOUNTS.c.role == "pharmacist", _ACCOUNTS.c.disabled.is_(False)
    )
    return tuple((row.id, row.display_name) for row in connection.execute(query.order_by(_ACCOUNTS.c.display_name)))


def _as_given(row: Row[Any]) -> Given:
    return Given(
        account=row.given_to, name=row.to_name, by=row.given_by, by_name=row.by_name, note=row.note, at=row.at,
        version=row.version,
    )  # fmt: skip
