"""Questions to the prescriber: raised with a decision to ask, answered on the row, closed only by a new decision."""

from __future__ import annotations

import datetime as dt
from typing import Any

from msgspec import Struct
from sqlalchemy import Connection, Row, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import PrescriberQuery, Review

_QUERIES = PrescriberQuery.__table__  # type: ignore[attr-defined]
_REVIEWS = Review.__table__  # type: ignore[attr-defined]

LONGEST_REPLY = 4_000
LONGEST_NAME = 200


class Query(Struct, frozen=True, kw_only=True):
    """A question and, once it came, its reply: who by role, and when, as recorded. `open` until a new decision."""

    id: str
    row: str
    question: str
    raised_at: str
    reply: str | None
    answered_by: str | None
    answered_when: str | None
    recorded_at: str | None
    closed_at: str | None

    @property
    def open(self) -> bool:
        return self.closed_at is None


def queries_of(connection: Connection, review: str) -> dict[str, tuple[Query, ...]]:
    """By row, oldest first."""
    found: dict[str, tuple[Query, ...]] = {}
    query = select(_QUERIES).where(_QUERIES.c.review == review).order_by(_QUERIES.c.raised_at, _QUERIES.c.id)
    for row in connection.execute(query):
        found[row.row] = (*found.get(row.row, ()), _query(row))
    return found


def raise_query(connection: Connection, *, review: str, row: str, question: str, by: Person, now: dt.datetime) -> Act:
    """In the transaction of the decision to ask; the row for its ledger."""
    made = {
        "id": new_id(),
        "review": review,
        "row": row,
        "question": question,
        "raised_by": by.account,
        "raised_role": by.role,
        "raised_at": now.isoformat(),
    }
    connection.execute(insert(_QUERIES), [made])
    return Act(
        kind="query.raised", subject=review, item=row, actor=by.account, role=by.role,
        payload={"query": made["id"], "question": question},
    )  # fmt: skip


def close_queries(connection: Connection, *, review: str, row: str, now: dt.datetime) -> None:
    """What was asked about this row is settled by another decision, or by taking the question back."""
    connection.execute(
        update(_QUERIES)
        .where(_QUERIES.c.review == review, _QUERIES.c.row == row, _QUERIES.c.closed_at.is_(None))
        .values(closed_at=now.isoformat())
    )


def carry_queries(connection: Connection, *, old: str, row: str, new: str, new_row: str) -> None:
    """A review of newer lists goes on with the questions of a row that it carries over; the old one keeps its own."""
    query = select(_QUERIES).where(_QUERIES.c.review == old, _QUERIES.c.row == row)
    copies = [dict(one._mapping) | {"id": new_id(), "review": new, "row": new_row} for one in connection.execute(query)]
    if copies:
        connection.execute(insert(_QUERIES), copies)


def answer_query(
    database: Database,
    *,
    review: str,
    query: str,
    reply: str,
    answered_by: str,
    answered_when: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> str:
    """Record the reply; the row it is about. The row stays open: what follows from the reply is a new decision.

    Raises InputError, NotFound, or Conflict where the question is closed or has its reply.
    """
    require(by, "review.decide")
    _check(reply, answered_by, answered_when)
    with database.write() as connection:
        state = connection.execute(select(_REVIEWS.c.state).where(_REVIEWS.c.id == review).with_for_update()).scalar()
        there = connection.execute(select(_QUERIES).where(_QUERIES.c.id == query, _QUERIES.c.review == review)).first()
        if there is None:
            raise NotFound("There is no such question in this review.")
        if state != "open":
            raise Conflict("The review is not open; open it again, or record the reply in the newer review.")
        changed = connection.execute(
            update(_QUERIES)
            .where(_QUERIES.c.id == query, _QUERIES.c.reply.is_(None), _QUERIES.c.closed_at.is_(None))
            .values(
                reply=reply.strip(),
                answered_by=answered_by.strip(),
                answered_when=answered_when.strip() or None,
                recorded_by=by.account,
                recorded_at=now.isoformat(),
            )
        )
        if changed.rowcount != 1:
            raise Conflict("This question has a reply already, or was closed by a decision; look at the row again.")
        act = Act(
            kind="query.answered", subject=review, item=there.row, actor=by.account, role=by.role, seconds=seconds,
            timing=timing, payload={"query": query, "reply": reply.strip(), "answered_by": answered_by.strip(),
                                    "answered_when": answered_when.strip() or None},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return str(there.row)


def _check(reply: str, answered_by: str, answered_when: str) -> None:
    if not reply.strip():
        raise InputError("Write down what was replied.")
    if not answered_by.strip():
        raise InputError("Say who replied, by role.")
    if len(reply) > LONGEST_REPLY or max(len(answered_by), len(answered_when)) > LONGEST_NAME:
        raise InputError(f"A reply has at most {LONGEST_REPLY} characters, a role or time at most {LONGEST_NAME}.")
    if "\0" in reply + answered_by + answered_when:
        raise InputError("A text holds no control characters.")


def _query(row: Row[Any]) -> Query:
    return Query(**{name: getattr(row, name) for name in Query.__struct_fields__})
