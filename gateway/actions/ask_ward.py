"""A question to the ward about one field of an audit case, and its reply. What follows from it is a person's answer."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import open_line
from gateway.actions.ids import new_id
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditQuery

_QUERIES = AuditQuery.__table__  # type: ignore[attr-defined]
LONGEST = 4_000


def ask_ward(database: Database, *, case: str, question: str, asked: str, by: Person, now: dt.datetime) -> str:
    """The query's id. Raises NotFound, InputError without words, Conflict where the case is locked or excluded."""
    require(by, "audit.answer")
    _check(asked, "Write down what you ask the ward.")
    with database.write() as connection:
        open_line(connection, case, question)
        made = {"id": new_id(), "audit_case": case, "question": question, "asked": asked.strip(),
                "raised_by": by.account, "raised_at": now.isoformat()}  # fmt: skip
        connection.execute(insert(_QUERIES), [made])
        act = Act(kind="query.raised", subject=case, item=question, actor=by.account, role=by.role,
                  payload={"query": made["id"], "question": asked.strip()})  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return made["id"]


def note_reply(
    database: Database, *, case: str, query: str, reply: str, answered_by: str, by: Person, now: dt.datetime
) -> str:
    """The question that the reply is about. Raises NotFound, InputError, Conflict where it has its reply."""
    require(by, "audit.answer")
    _check(reply, "Write down what was replied.")
    _check(answered_by, "Say who replied, by role.", most=200)
    with database.write() as connection:
        there = connection.execute(
            select(_QUERIES).where(_QUERIES.c.id == query, _QUERIES.c.audit_case == case)
        ).first()
        if there is None:
            raise NotFound("There is no such question in this case.")
        open_line(connection, case, there.question)
        changed = connection.execute(
            update(_QUERIES)
            .where(_QUERIES.c.id == query, _QUERIES.c.reply.is_(None))
            .values(reply=reply.strip(), answered_by=answered_by.strip(), recorded_by=by.account,
                    recorded_at=now.isoformat())
        )  # fmt: skip
        if changed.rowcount != 1:
            raise Conflict("This question has a reply already.")
        act = Act(kind="query.answered", subject=case, item=there.question, actor=by.account, role=by.role,
                  payload={"query": query, "reply": reply.strip(), "answered_by": answered_by.strip()})  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return str(there.question)


def _check(text: str, empty: str, *, most: int = LONGEST) -> None:
    if not text.strip():
        raise InputError(empty)
    if len(text) > most or "\0" in text:
        raise InputError(f"At most {most:,} characters, and no control characters.")
