"""Consider entries of one row apart, so that each part is decided by itself; or together again."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence

from sqlalchemy import insert, update

from gateway.actions.access import Person, require
from gateway.actions.aliases import standing_aliases
from gateway.actions.decide_row import CLOSED, LONGEST_NOTE
from gateway.actions.fill_cases import fill_cases
from gateway.actions.ids import new_id
from gateway.actions.line_up_again import line_up_again
from gateway.actions.reconcile import Knowledge
from gateway.actions.reviews import ReviewPage, lock_review, read_review
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.records.matching import Row
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import RowSplit

_SPLITS = RowSplit.__table__  # type: ignore[attr-defined]


def part_row(
    database: Database,
    knowledge: Knowledge,
    *,
    review: str,
    row: str,
    entries: Sequence[str],
    reason: str,
    by: Person,
    now: dt.datetime,
) -> str:
    """The id of the review that goes on, where `entries` stand in a row of their own.

    Raises InputError where they are none or all of the row's or the reason is missing, NotFound, Conflict.
    """
    require(by, "review.decide")
    why = _checked(reason)
    aliases = standing_aliases(database)
    with database.write() as connection:
        lock_review(connection, review)
        page, one = _row(read_review(connection, review), row)
        apart = set(entries)
        if not apart <= set(one.entries):
            raise NotFound("There is no such entry in this row.")
        if not apart or apart == set(one.entries):
            raise InputError("Tick the entries to be decided apart: at least one, and not all.")
        split = new_id()
        made = {
            "id": split,
            "patient": page.patient.id,
            "entries": json.dumps(sorted(apart)),
            "reason": why,
            "standing": True,
            "actor": by.account,
            "role": by.role,
            "at": now.isoformat(),
        }
        connection.execute(insert(_SPLITS), [made])
        act = Act(
            kind="row.parted", subject=review, item=row, actor=by.account, role=by.role,
            payload={"split": split, "entries": sorted(apart), "why": why},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
        new, anew = line_up_again(connection, knowledge, page, aliases, now)
    fill_cases(database, review=new, reconciliation=anew, vocabulary=knowledge.vocabulary, now=now)
    return new


def join_parts(
    database: Database, knowledge: Knowledge, *, review: str, row: str, reason: str, by: Person, now: dt.datetime
) -> str:
    """Take back the newest split of this row. Raises InputError without a reason, NotFound, Conflict."""
    require(by, "review.decide")
    why = _checked(reason)
    aliases = standing_aliases(database)
    with database.write() as connection:
        lock_review(connection, review)
        page, one = _row(read_review(connection, review), row)
        if not one.apart:
            raise NotFound("Nobody parted this row.")
        newest = (_SPLITS.c.id == one.apart[-1], _SPLITS.c.standing.is_(True))
        if connection.execute(update(_SPLITS).where(*newest).values(standing=False)).rowcount != 1:
            raise Conflict("Somebody else put these entries together already.")
        act = Act(
            kind="row.joined", subject=review, item=row, actor=by.account, role=by.role,
            payload={"split": one.apart[-1], "why": why},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
        new, anew = line_up_again(connection, knowledge, page, aliases, now)
    fill_cases(database, review=new, reconciliation=anew, vocabulary=knowledge.vocabulary, now=now)
    return new


def _checked(reason: str) -> str:
    if not reason.strip():
        raise InputError("Say why; a row that is parted or put together needs a reason.")
    if len(reason) > LONGEST_NOTE or "\0" in reason:
        raise InputError(f"A reason has at most {LONGEST_NOTE} characters.")
    return reason.strip()


def _row(page: ReviewPage, row: str) -> tuple[ReviewPage, Row]:
    if page.state != "open":
        raise Conflict(CLOSED[page.state])
    one = next((r for r in page.reconciliation.rows if r.id == row), None)
    if one is None:
        raise NotFound("There is no such row in this review.")
    return page, one
