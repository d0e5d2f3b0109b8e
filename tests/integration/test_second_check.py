"""A critical medicine's decision is checked by another person; a signed review is opened again only with a reason."""

from __future__ import annotations

import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.decide_row import decide
from gateway.actions.hindrances import hindrances
from gateway.actions.reconcile import Knowledge
from gateway.actions.reviews import look_at_review
from gateway.actions.second_check import check_decision, rows_to_check
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, InputError, NotAllowed, NotFound, Stale
from gateway.records.decision import Decision, Outcome
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from tests.integration.test_review_actions import (
    NOW,
    PASSWORD,
    keep,
    knowledge,
    pharmacist,
    reconciliation,
    review,
    row_of,
)

__all__ = ["knowledge", "pharmacist", "reconciliation", "review"]


@pytest.fixture
def second(database: Database) -> Person:
    return create_account(database, name="sam", display_name="Sam", role="pharmacist", password=PASSWORD, now=NOW)


def test_another_person_checks_a_critical_decision(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person, second: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    page = look_at_review(database, review=review, by=pharmacist, now=NOW)
    assert row in rows_to_check(page)  # an anticoagulant whose dose differs
    with pytest.raises(NotFound):
        check_decision(database, review=review, row=row, expected_version=0, by=second, now=NOW)
    decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
           by=pharmacist, now=NOW)  # fmt: skip
    waits = "apixaban waits for a second check"
    assert any(waits in h for h in hindrances(look_at_review(database, review=review, by=pharmacist, now=NOW)))
    with pytest.raises(NotAllowed):
        check_decision(database, review=review, row=row, expected_version=1, by=pharmacist, now=NOW)
    with pytest.raises(Stale):
        check_decision(database, review=review, row=row, expected_version=7, by=second, now=NOW)
    check_decision(database, review=review, row=row, expected_version=1, by=second, now=NOW)
    page = look_at_review(database, review=review, by=pharmacist, now=NOW)
    assert not any(waits in h for h in hindrances(page))
    # a decision made anew is checked anew
    decide(database, review=review, decision=keep(row, "gp/MedicationStatement/1"), expected_version=2,
           by=second, now=NOW)  # fmt: skip
    assert any(waits in h for h in hindrances(look_at_review(database, review=review, by=pharmacist, now=NOW)))
    with database.read() as connection:
        acts = [(e.act.kind, e.act.actor) for e in ledger.entries(connection, review)]
    assert acts.count(("row.checked", second.account)) == 1


def test_a_signed_review_is_opened_again_with_a_reason(
    database: Database, knowledge: Knowledge, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    with pytest.raises(Conflict, match="Only a signed"):
        reopen_review(database, review=review, expected_version=1, reason="why", by=pharmacist, now=NOW)
    sign_review(database, review=review, expected_version=1, override="rang the ward", by=pharmacist, now=NOW)
    with pytest.raises(InputError):
        reopen_review(database, review=review, expected_version=2, reason=" ", by=pharmacist, now=NOW)
    with pytest.raises(Stale):
        reopen_review(database, review=review, expected_version=1, reason="new result", by=pharmacist, now=NOW)
    reopen_review(database, review=review, expected_version=2, reason="new result", by=pharmacist, now=NOW)
    page = look_at_review(database, review=review, by=pharmacist, now=NOW)
    assert (page.state, page.signed_at) == ("open", None)
    row = row_of(reconciliation, "apixaban")
    decide(database, review=review, decision=Decision(row=row, outcome=Outcome.STOP, reason="allergy"),
           expected_version=0, by=pharmacist, now=NOW)  # fmt: skip
