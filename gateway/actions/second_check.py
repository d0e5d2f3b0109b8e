"""A decision on a critical medicine is looked at by a second person."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.actions.decide_row import CLOSED
from gateway.actions.reviews import ReviewPage, StandingDecision, lock_review, read_review
from gateway.errors import Conflict, NotAllowed, NotFound, Stale
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import RowDecision

_DECISIONS = RowDecision.__table__  # type: ignore[attr-defined]


def rows_to_check(page: ReviewPage) -> frozenset[str]:
    """Rows of which a finding asks for a second check, whoever decides."""
    found = {d.row for d in page.reconciliation.discrepancies if d.second_check and d.row}
    return frozenset(found)


def check_decision(
    database: Database,
    *,
    review: str,
    row: str,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> StandingDecision:
    """Raises NotAllowed for the person who decided, NotFound without a decision, Conflict or Stale."""
    require(by, "review.decide")
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        if page.state != "open":
            raise Conflict(CLOSED[page.state])
        standing = page.decisions.get(row)
        if standing is None or standing.decision is None or standing.decision.open:
            raise NotFound("There is no decision to check.")
        if standing.decision.actor == by.account:
            raise NotAllowed("A second check is done by another person than the one who decided.")
        checked = msgspec.structs.replace(standing.decision, checked_by=by.account, checked_at=now.isoformat())
        changed = connection.execute(
            update(_DECISIONS)
            .where(_DECISIONS.c.review == review, _DECISIONS.c.row == row, _DECISIONS.c.version == expected_version)
            .values(decision=msgspec.json.encode(checked).decode(), version=expected_version + 1)
        )
        if changed.rowcount != 1:
            raise Stale("Somebody else changed this decision in the meantime; look at it first.")
        act = Act(
            kind="row.checked", subject=review, item=row, actor=by.account, role=by.role, seconds=seconds,
            timing=timing, payload={"version": expected_version},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
    return StandingDecision(decision=checked, version=expected_version + 1)
