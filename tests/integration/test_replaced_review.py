"""Lists fetched again while a review is open: what a person decided stays where nothing changed, and only there."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gateway.actions import audit_cases
from gateway.actions.access import Person
from gateway.actions.decide_row import decide
from gateway.actions.reconcile import Knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import ReviewPage, changes_since, look_at_review, open_review
from gateway.actions.sign_review import sign_review
from gateway.actions.worklist import worklist
from gateway.errors import Conflict
from gateway.fhir.read import read_list
from gateway.records.decision import Decision, Outcome
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement
from tests.integration.test_review_actions import NOW, clerk, knowledge, pharmacist

__all__ = ["clerk", "knowledge", "pharmacist"]


def lists(knowledge: Knowledge, ramipril: str, *, extra: bool = False) -> Reconciliation:
    entries = [
        statement("1", "Apixaban 5mg tablets", dose="One tablet twice a day"),
        statement("2", "Ramipril 5mg capsules", dose=ramipril),
    ]
    if extra:
        entries.insert(0, statement("0", "Amlodipine 5mg tablets", dose="One tablet once a day"))
    return reconcile([read_list("gp", [document(bundle(patient(), *entries))])], knowledge, NOW.date())


def standing(page: ReviewPage) -> set[str]:
    return {row for row, one in page.decisions.items() if one.decision}


def row_of(one: Reconciliation, medicine: str) -> str:
    return next(r.id for r in one.rows if r.medicine == medicine)


@pytest.fixture
def someone(database: Database) -> str:
    return known_patient(database, nhs_number="9990000018", name="Ann Example")


def test_a_decision_is_carried_only_where_nothing_changed(
    database: Database, knowledge: Knowledge, pharmacist: Person, someone: str, tmp_path: Path
) -> None:
    first = lists(knowledge, "One capsule once a day")
    old = open_review(database, patient=someone, reconciliation=first, now=NOW)
    for medicine in ("apixaban", "ramipril"):
        entry = next(r.entries[0] for r in first.rows if r.medicine == medicine)
        decision = Decision(row=row_of(first, medicine), outcome=Outcome.CONTINUE, as_on=(entry,), note="asked")
        decide(database, review=old, decision=decision, expected_version=0, by=pharmacist, now=NOW)

    # apixaban moves to another row number, ramipril's dose is another one now
    second = lists(knowledge, "Two capsules once a day", extra=True)
    new = open_review(database, patient=someone, reconciliation=second, now=NOW)
    page = look_at_review(database, review=new, by=pharmacist, now=NOW)
    assert standing(page) == {row_of(second, "apixaban")}
    again = page.decisions[row_of(second, "ramipril")].look_again
    assert again is not None  # shown, and standing no more
    assert (again.row, again.note) == (row_of(second, "ramipril"), "asked")
    carried = page.decisions[row_of(second, "apixaban")].decision
    assert carried is not None
    assert (carried.row, carried.note, carried.actor) == (row_of(second, "apixaban"), "asked", pharmacist.account)

    assert [line.review for line in worklist(database, by=pharmacist, now=NOW)] == [new]
    assert look_at_review(database, review=old, by=pharmacist, now=NOW).state == "replaced"
    stop = Decision(row=row_of(first, "ramipril"), outcome=Outcome.STOP, reason="allergy")
    with pytest.raises(Conflict, match="newer review"):
        decide(database, review=old, decision=stop, expected_version=1, by=pharmacist, now=NOW)
    with database.read() as connection:
        kinds = [(e.act.kind, e.act.role) for e in ledger.entries(connection)]
        assert kinds.count(("row.carried", "gateway")) == 1
        assert kinds.count(("review.replaced", "gateway")) == 1
        assert kinds.count(("row.decided", "pharmacist")) == 2  # carrying over is nobody's work
        assert ledger.verify(connection) == ()


def test_the_audit_case_follows_with_its_answers(
    database: Database, knowledge: Knowledge, clerk: Person, someone: str
) -> None:
    first = open_review(database, patient=someone, reconciliation=lists(knowledge, "One capsule once a day"), now=NOW)
    given = {"pack": "minap", "why": "test", "vocabulary": knowledge.vocabulary, "now": NOW}
    case = audit_cases.open_case(database, review=first, **given)  # type: ignore[arg-type]
    audit_cases.answer(database, case=case, question="4.07", code="0", reason=None, note=None, expected_version=1,
                       by=clerk, now=NOW)  # fmt: skip
    second = open_review(database, patient=someone, reconciliation=lists(knowledge, "Two capsules daily"), now=NOW)
    assert audit_cases.open_case(database, review=second, **given) == case  # type: ignore[arg-type]
    (page,) = audit_cases.list_cases(database, by=clerk)
    assert page.review == second
    assert {x.question.id: x.state for x in page.lines}["4.07"] == "entered"


def test_a_signed_review_stays_signed_while_nothing_changes_and_opens_again_when_something_does(
    database: Database, knowledge: Knowledge, pharmacist: Person, someone: str
) -> None:
    first = lists(knowledge, "One capsule once a day")
    signed = open_review(database, patient=someone, reconciliation=first, now=NOW)
    for medicine in ("apixaban", "ramipril"):
        entry = next(r.entries[0] for r in first.rows if r.medicine == medicine)
        decision = Decision(row=row_of(first, medicine), outcome=Outcome.CONTINUE, as_on=(entry,))
        decide(database, review=signed, decision=decision, expected_version=0, by=pharmacist, now=NOW)
    sign_review(database, review=signed, expected_version=1, override="all seen", by=pharmacist, now=NOW)

    again = open_review(database, patient=someone, reconciliation=first, now=NOW)
    assert again == signed
    assert look_at_review(database, review=signed, by=pharmacist, now=NOW).state == "signed"

    later = NOW + dt.timedelta(days=7)
    after = lists(knowledge, "Two capsules once a day")
    new = open_review(database, patient=someone, reconciliation=after, now=later)
    page = look_at_review(database, review=new, by=pharmacist, now=later)
    assert (page.state, page.follows, page.changed) == ("open", signed, 1)
    assert standing(page) == {row_of(after, "apixaban")}
    (change,), since = changes_since(database, page)
    assert (change.what, change.medicine) == ("dose", "Ramipril 5mg capsules")
    assert since == NOW.isoformat()
    old = look_at_review(database, review=signed, by=pharmacist, now=later)
    assert (old.state, old.signed_at) == ("replaced", NOW.isoformat())
    (line,) = worklist(database, by=pharmacist, now=NOW)
    assert (line.review, line.changed) == (new, 1)
    with database.read() as connection:
        kinds = [e.act.kind for e in ledger.entries(connection)]
        assert (kinds.count("review.unchanged"), kinds.count("review.reopened")) == (1, 1)
        assert ledger.verify(connection) == ()
