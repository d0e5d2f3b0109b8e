"""What the board counts of a review: read once for each snapshot, and right after every change."""

from __future__ import annotations

import msgspec
import pytest

from gateway.actions import snapshot_summary
from gateway.actions.access import Person
from gateway.actions.decide_row import decide, decision_reasons, undo
from gateway.actions.reviews import open_review
from gateway.actions.worklist import worklist
from gateway.records.decision import Decision, Outcome
from gateway.records.reconciliation import Reconciliation
from gateway.store.database import Database
from gateway.web.board import Filters, asked_filters, board
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


def test_a_snapshot_is_read_once_and_decisions_each_time(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    counted = snapshot_summary._summary

    def counting(one: Reconciliation) -> snapshot_summary.Summary:
        read.append(1)
        return counted(one)

    monkeypatch.setattr(snapshot_summary, "_summary", counting)
    monkeypatch.setattr(snapshot_summary, "_kept", {})

    def now() -> tuple[int, int, int, str]:
        (one,) = worklist(database, by=pharmacist, now=NOW)
        return one.medicines, one.to_decide, one.waiting, one.status.value

    assert now() == (2, 2, 0, "not-started")
    reason = decision_reasons()[0].code
    row, other = row_of(reconciliation, "apixaban"), row_of(reconciliation, "aspirin")
    decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
           by=pharmacist, now=NOW)  # fmt: skip
    assert now() == (2, 1, 0, "in-progress")
    ask = Decision(row=other, outcome=Outcome.ASK, reason=reason, note="Which dose?")
    decide(database, review=review, decision=ask,
           expected_version=0, by=pharmacist, now=NOW)  # fmt: skip
    assert now() == (2, 1, 1, "waiting")
    undo(database, review=review, row=row, expected_version=1, by=pharmacist, now=NOW)
    assert now() == (2, 2, 1, "in-progress")
    assert read == [1]

    (before,) = worklist(database, by=pharmacist, now=NOW)
    fewer = msgspec.structs.replace(reconciliation, rows=reconciliation.rows[:1])
    open_review(database, patient=before.patient.id, reconciliation=fewer, now=NOW)
    assert now()[0] == 1, "newer lists are counted anew"
    assert read == [1, 1]


def test_filters_take_only_what_the_page_offers(database: Database, review: str, pharmacist: Person) -> None:
    lines = worklist(database, by=pharmacist, now=NOW)
    ward = board(lines, Filters(), pharmacist.account).wards[0]
    assert (ward.words, ward.count) == ("Ward not recorded", 1)
    assert asked_filters({"ward": "Ward 3", "status": "anything", "mine": "1"}) == Filters()
    asked = asked_filters({"ward": ward.value, "status": "not-started", "mine": "yes"})
    found = board(lines, asked, pharmacist.account)
    assert found.lines == ()
    assert [(one.words, one.count) for one in found.applied] == [
        ("Ward not recorded", 1),
        ("Not started", 1),
        ("Mine", 0),
    ]
    assert found.applied[2].without == f"/worklist?ward={ward.value}&status=not-started"
