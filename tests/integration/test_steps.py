"""What each act of a person leaves in the ledger: who by role, for how long, and how that was measured."""

from __future__ import annotations

from gateway.actions.access import Person
from gateway.actions.decide_row import decide, undo
from gateway.actions.evidence import row_evidence
from gateway.actions.note_wait import note_wait
from gateway.actions.reconcile import Knowledge
from gateway.actions.reviews import look_at_review
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.records.ledger import TIMING_WORDS
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from tests.integration.test_review_actions import (
    NOW,
    keep,
    knowledge,
    pharmacist,
    reconciliation,
    review,
    row_of,
)

__all__ = ["knowledge", "pharmacist", "reconciliation", "review"]


def test_each_step_carries_its_time_and_the_threshold(
    database: Database, knowledge: Knowledge, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    look_at_review(database, review=review, by=pharmacist, now=NOW, seconds=4.0, timing="request-gap")
    row_evidence(database, knowledge, review=review, row=row, by=pharmacist, now=NOW, seconds=5.0, timing="request-gap")
    decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
           by=pharmacist, now=NOW, seconds=6.0, timing="page")  # fmt: skip
    undo(database, review=review, row=row, expected_version=1, by=pharmacist, now=NOW, seconds=7.0, timing="page")
    sign_review(database, review=review, expected_version=1, override="rang the ward", by=pharmacist, now=NOW,
                seconds=8.0, timing="page")  # fmt: skip
    reopen_review(database, review=review, expected_version=2, reason="new result", by=pharmacist, now=NOW,
                  seconds=9.0, timing="page")  # fmt: skip
    note_wait(database, review=review, seconds=12.04, by=pharmacist, now=NOW)
    with database.read() as connection:
        rows = [e for e in ledger.entries(connection, review) if e.act.actor == pharmacist.account]
    assert [(e.act.kind, e.act.role, e.act.seconds, e.idle_after_s) for e in rows] == [
        ("review.opened", "pharmacist", 4.0, 60),
        ("evidence.opened", "pharmacist", 5.0, 60),
        ("row.decided", "pharmacist", 6.0, 60),
        ("row.undone", "pharmacist", 7.0, 60),
        ("review.signed", "pharmacist", 8.0, 60),
        ("review.reopened", "pharmacist", 9.0, 60),
        ("fetch.waited", "pharmacist", 12.0, None),
    ]
    assert {e.act.timing for e in rows} <= set(TIMING_WORDS)
