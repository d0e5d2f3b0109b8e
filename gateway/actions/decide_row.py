"""Decide one row, or undo that: one transaction with its ledger row, nothing is deleted."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import Connection, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.actions.queries import close_queries, raise_query
from gateway.actions.received_form import taken_before
from gateway.actions.reviews import StandingDecision, lock_review, read_review
from gateway.discrepancies.knowledge import Reason
from gateway.discrepancies.pack import load_rules
from gateway.errors import Conflict, InputError, NotFound, Stale
from gateway.records.decision import Decision, Outcome
from gateway.records.ledger import Act
from gateway.settings import read_once
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import RowDecision

_DECISIONS = RowDecision.__table__  # type: ignore[attr-defined]

LONGEST_NOTE = 4_000

#: Why a review of this state takes no decision.
CLOSED = {
    "signed": "The review is signed and read-only; reopen it first.",
    "replaced": "The lists were fetched again or added to; decide in the newer review.",
}


@read_once
def decision_reasons() -> tuple[Reason, ...]:
    """The coded reasons of mappings/discrepancies/reasons.yaml, with the outcomes each fits."""
    return load_rules().reasons.reasons


def decide(
    database: Database,
    *,
    review: str,
    decision: Decision,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
    form: str | None = None,
) -> StandingDecision:
    """The decision that now stands.

    `expected_version` is the row's version in the form (0 where nothing was decided); `form` is the form's own key, so
    that a form sent twice is taken once. Raises InputError for a decision that lacks something, Conflict for a signed
    review, Stale where another person decided the row meanwhile.
    """
    require(by, "review.decide")
    stamped = msgspec.structs.replace(decision, actor=by.account, role=by.role, at=now.isoformat())
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        if page.state != "open":
            raise Conflict(CLOSED[page.state])
        row = next((r for r in page.reconciliation.rows if r.id == decision.row), None)
        if row is None:
            raise NotFound("There is no such row in this review.")
        check(decision, row.entries)
        if form and taken_before(connection, form, msgspec.json.encode(decision), now):
            return page.decisions[decision.row]
        version = _put(connection, review, stamped, expected_version)
        close_queries(connection, review=review, row=decision.row, now=now)
        act = Act(
            kind="row.decided",
            subject=review,
            item=decision.row,
            actor=by.account,
            role=by.role,
            reason=decision.reason,
            seconds=seconds,
            timing=timing,
            payload={
                "outcome": decision.outcome.value,
                "as_on": list(decision.as_on),
                "change_to": decision.change_to,
                "understood": decision.understood.words if decision.understood else None,
                "restart": decision.restart,
                "intent": decision.intent.value if decision.intent else None,
                "note": decision.note,
                "version": version,
            },
        )
        acts = [act]
        if decision.open:
            question = decision.question or decision.note or ""
            acts.append(raise_query(connection, review=review, row=decision.row, question=question, by=by, now=now))
        ledger.append(connection, acts, now.isoformat())
    return StandingDecision(decision=stamped, version=version)


def check(decision: Decision, entries: tuple[str, ...]) -> None:
    """Raises InputError naming what the decision lacks. A reason is required for every change."""
    outcome = decision.outcome
    if outcome is Outcome.CONTINUE and (not decision.as_on or not set(decision.as_on) <= set(entries)):
        raise InputError("Say as on which list the medicine continues.")
    if outcome is Outcome.CHANGE and not (decision.change_to or "").strip():
        raise InputError("Say what the dose changes to.")
    if outcome is Outcome.WITHHOLD and not (decision.restart or "").strip():
        raise InputError("Say when or how it restarts; a suspended medicine needs a plan.")
    if outcome is Outcome.ASK and not (decision.question or decision.note or "").strip():
        raise InputError("Say what you ask the prescriber.")
    known = {r.code: r for r in decision_reasons()}
    if outcome is not Outcome.CONTINUE and not decision.reason:
        raise InputError("Give a reason; every change needs one.")
    if decision.reason is not None:
        reason = known.get(decision.reason)
        if reason is None or outcome.value not in reason.outcomes:
            raise InputError("The reason does not fit the decision; choose one from the list.")
        if reason.note and not (decision.note or "").strip():
            raise InputError("This reason needs a note in your own words.")
    for text in (decision.note, decision.change_to, decision.restart, decision.question):
        if text and (len(text) > LONGEST_NOTE or "\0" in text):
            raise InputError(f"A text has at most {LONGEST_NOTE} characters.")


def _put(connection: Connection, review: str, decision: Decision, expected: int) -> int:
    query = select(_DECISIONS.c.id, _DECISIONS.c.version, _DECISIONS.c.decision).where(
        _DECISIONS.c.review == review, _DECISIONS.c.row == decision.row
    )
    there = connection.execute(query.with_for_update()).first()
    if (there.version if there else 0) != expected:
        raise Stale("Somebody else decided this medicine in the meantime; look at their decision first.")
    content = msgspec.json.encode(decision).decode()
    if there is None:
        values = {
            "id": new_id(),
            "review": review,
            "row": decision.row,
            "version": 1,
            "standing": True,
            "look_again": False,
        }
        connection.execute(insert(_DECISIONS), [values | {"decision": content}])
        return 1
    changed = connection.execute(
        update(_DECISIONS)
        .where(_DECISIONS.c.id == there.id, _DECISIONS.c.version == expected)
        .values(decision=content, version=expected + 1, standing=True, look_again=False)
    )
    if changed.rowcount != 1:
        raise Stale("Somebody else decided this medicine in the meantime; look at their decision first.")
    return expected + 1


def undo(
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
    """Take a decision back. The ledger keeps it. Raises Conflict, NotFound or Stale."""
    require(by, "review.decide")
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        if page.state != "open":
            raise Conflict(CLOSED[page.state])
        standing = page.decisions.get(row)
        if standing is None or standing.decision is None:
            raise NotFound("There is no decision to undo.")
        changed = connection.execute(
            update(_DECISIONS)
            .where(_DECISIONS.c.review == review, _DECISIONS.c.row == row, _DECISIONS.c.version == expected_version)
            .values(standing=False, look_again=False, version=expected_version + 1)
        )
        if changed.rowcount != 1:
            raise Stale("Somebody else decided this medicine in the meantime; look at their decision first.")
        close_queries(connection, review=review, row=row, now=now)
        act = Act(
            kind="row.undone", subject=review, item=row, actor=by.account, role=by.role, seconds=seconds, timing=timing
        )
        ledger.append(connection, [act], now.isoformat())
    return StandingDecision(decision=None, version=expected_version + 1)
