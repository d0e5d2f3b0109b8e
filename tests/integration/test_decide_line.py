"""Around a decision on real databases: a change with how it was read, a question and its reply, two people, a join."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.decide_row import decide, undo
from gateway.actions.hindrances import hindrances
from gateway.actions.join_rows import join, part
from gateway.actions.presence import others_here, who_changed
from gateway.actions.quarantine_notes import note_quarantined, undo_note
from gateway.actions.queries import answer_query
from gateway.actions.read_change import ChangeFields, read_change
from gateway.actions.reconcile import Knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.review_page import shown_review
from gateway.actions.reviews import ReviewPage, look_at_review, open_review
from gateway.errors import Conflict, InputError, NotAllowed, NotFound, Stale
from gateway.fhir.read import read_list
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListRole
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement
from tests.integration.test_review_actions import (
    NOW,
    PASSWORD,
    clerk,
    keep,
    knowledge,
    pharmacist,
    reconciliation,
    review,
    row_of,
)

__all__ = ["clerk", "knowledge", "pharmacist", "reconciliation", "review"]


@pytest.fixture
def second(database: Database) -> Person:
    return create_account(database, name="sam", display_name="Sam", role="pharmacist", password=PASSWORD, now=NOW)


def kinds(database: Database, subject: str) -> list[str]:
    with database.read() as connection:
        return [e.act.kind for e in ledger.entries(connection, subject)]


def look(database: Database, review: str, by: Person, now: dt.datetime = NOW) -> ReviewPage:
    return look_at_review(database, review=review, by=by, now=now)


def ask(row: str, question: str | None = "Is 2.5 mg meant?") -> Decision:
    return Decision(row=row, outcome=Outcome.ASK, question=question, reason="more-information-needed")


def test_a_change_keeps_what_was_written_and_how_it_was_read(
    database: Database, knowledge: Knowledge, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = next(r for r in reconciliation.rows if r.medicine == "apixaban")
    read = read_change(ChangeFields(words="2.5 mg twice a day"), row, knowledge.vocabulary)
    change = Decision(
        row=row.id, outcome=Outcome.CHANGE, change_to=read.text, understood=read.understood, reason="interaction"
    )
    decide(database, review=review, decision=change, expected_version=0, by=pharmacist, now=NOW)
    kept = look(database, review, pharmacist).decisions[row.id].decision
    assert kept
    assert kept.change_to == "2.5 mg twice a day"
    assert kept.understood == read.understood
    shown = shown_review(database, knowledge, review=review, by=pharmacist, now=NOW)
    said = next(r.decision for r in shown.view.rows if r.id == row.id)
    assert said
    assert said.words == "Change to: 2.5 mg twice a day (understood as apixaban – 2.5 mg twice a day)"
    vague = msgspec.structs.replace(change, change_to="as on the ward round", understood=None)
    decide(database, review=review, decision=vague, expected_version=1, by=pharmacist, now=NOW)
    shown = shown_review(database, knowledge, review=review, by=pharmacist, now=NOW)
    said = next(r.decision for r in shown.view.rows if r.id == row.id)
    assert said
    assert said.words == "Change to: as on the ward round (not understood, kept as written)"


def test_a_question_stays_open_with_its_reply_until_a_new_decision(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person, second: Person, clerk: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    with pytest.raises(InputError, match="what you ask"):
        decide(database, review=review, decision=ask(row, None), expected_version=0, by=pharmacist, now=NOW)
    decide(database, review=review, decision=ask(row), expected_version=0, by=pharmacist, now=NOW)
    (query,) = look(database, review, pharmacist).queries[row]
    assert (query.question, query.reply, query.open) == ("Is 2.5 mg meant?", None, True)

    def answer(by: Person, reply: str = "Yes, eGFR 24", who: str = "Cardiology registrar") -> str:
        return answer_query(
            database, review=review, query=query.id, reply=reply, answered_by=who, answered_when="11:40", by=by, now=NOW
        )

    with pytest.raises(InputError, match="what was replied"):
        answer(second, reply=" ")
    with pytest.raises(InputError, match="who replied"):
        answer(second, who="")
    with pytest.raises(NotAllowed):
        answer(clerk)
    assert answer(second) == row
    with pytest.raises(Conflict, match="reply already"):
        answer(pharmacist)
    page = look(database, review, pharmacist)
    (answered,) = page.queries[row]
    assert (answered.reply, answered.answered_by, answered.open) == ("Yes, eGFR 24", "Cardiology registrar", True)
    open_words = "A question about apixaban is open with the prescriber."
    assert open_words in hindrances(page)  # the reply is no decision

    decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=1,
           by=pharmacist, now=NOW)  # fmt: skip
    page = look(database, review, pharmacist)
    assert page.queries[row][0].reply == "Yes, eGFR 24"
    assert not page.queries[row][0].open
    assert open_words not in hindrances(page)
    written = kinds(database, review)
    assert written.count("query.raised") == 1
    assert written.count("query.answered") == 1


def test_taking_a_question_back_closes_it_and_keeps_it(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "aspirin")
    decide(database, review=review, decision=ask(row), expected_version=0, by=pharmacist, now=NOW)
    undo(database, review=review, row=row, expected_version=1, by=pharmacist, now=NOW)
    (query,) = look(database, review, pharmacist).queries[row]
    assert not query.open
    with pytest.raises(Conflict, match="closed by a decision"):
        answer_query(database, review=review, query=query.id, reply="Yes", answered_by="Registrar", answered_when="",
                     by=pharmacist, now=NOW)  # fmt: skip
    with pytest.raises(NotFound):
        answer_query(database, review=review, query="x", reply="Yes", answered_by="Registrar", answered_when="",
                     by=pharmacist, now=NOW)  # fmt: skip


def test_two_people_see_each_other_and_who_was_faster(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person, second: Person
) -> None:
    look(database, review, pharmacist)
    look(database, review, second, NOW + dt.timedelta(minutes=2))
    soon = NOW + dt.timedelta(minutes=2, seconds=20)
    (other,) = others_here(database, review=review, by=second, now=soon)
    assert (other.name, other.role, other.ago) == ("Pat", "pharmacist", "2 minutes ago")
    assert [o.name for o in others_here(database, review=review, by=pharmacist, now=soon)] == ["Sam"]
    later = NOW + dt.timedelta(hours=1)
    assert others_here(database, review=review, by=second, now=later) == ()

    row = row_of(reconciliation, "apixaban")
    assert who_changed(database, review=review, row=row, by=second, now=NOW) is None
    decide(database, review=review, decision=keep(row, "gp/MedicationStatement/1"), expected_version=0,
           by=pharmacist, now=NOW)  # fmt: skip
    with pytest.raises(Stale):
        decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
               by=second, now=NOW)  # fmt: skip
    who = who_changed(database, review=review, row=row, by=second, now=NOW + dt.timedelta(seconds=20))
    assert who
    assert (who.name, who.ago) == ("Pat", "20 seconds ago")


@pytest.fixture
def unread(database: Database, knowledge: Knowledge) -> str:
    """The practice writes a name that nobody knows; the ward the same medicine by its name. One item is broken."""
    gp = bundle(
        patient(),
        statement("1", "Zzybrexafoo 5mg tablets", dose="one twice a day"),
        statement("2", "Aspirin 75mg tablets", dose="one daily"),
        {"resourceType": "MedicationStatement", "id": "9", "status": "active"},
    )
    ward = bundle(
        patient(),
        statement("1", "Apixaban 5mg tablets", dose="one twice a day"),
        statement("2", "Aspirin 75mg tablets", dose="one daily"),
    )
    lists = [read_list("gp", [document(gp)]), read_list("ward", [document(ward)])]
    one = reconcile(lists, knowledge, NOW.date(), {"ward": ListRole.DISCHARGE})
    who = known_patient(database, nhs_number="9990000018", name="Ann Example", birth_date="1950-01-01")
    return open_review(database, patient=who, reconciliation=one, now=NOW)


def test_a_join_matches_the_review_anew_and_can_be_taken_back(
    database: Database, knowledge: Knowledge, unread: str, pharmacist: Person, clerk: Person
) -> None:
    before = look(database, unread, pharmacist)
    aspirin = row_of(before.reconciliation, "aspirin")
    decide(database, review=unread, decision=keep(aspirin, "ward/MedicationStatement/2"), expected_version=0,
           by=pharmacist, now=NOW)  # fmt: skip
    entry = "gp/MedicationStatement/1"

    def joining(**given: object) -> str:
        said = {"entry": entry, "read_as": "apixaban 5mg tablets", "everywhere": False, "reason": "Asked the practice",
                "by": pharmacist, "now": NOW + dt.timedelta(minutes=1)} | given  # fmt: skip
        return join(database, knowledge, review=unread, **said)  # type: ignore[arg-type]

    with pytest.raises(InputError, match="this organisation or everywhere"):
        joining(everywhere=None)
    with pytest.raises(NotAllowed):
        joining(by=clerk)
    with pytest.raises(Conflict, match="two different medicines stay two rows"):
        joining(entry="gp/MedicationStatement/2")  # aspirin is no apixaban, whoever says so
    with pytest.raises(NotFound):
        joining(entry="gp/MedicationStatement/77")
    joined = look(database, made := joining(), pharmacist)
    row = next(r for r in joined.reconciliation.rows if r.medicine == "apixaban")
    assert row.entries == (entry, "ward/MedicationStatement/1")
    assert row.level.value == "confirmed"
    carried = joined.decisions[row_of(joined.reconciliation, "aspirin")].decision
    assert carried
    assert carried.as_on == ("ward/MedicationStatement/2",)
    assert look(database, unread, pharmacist).state == "replaced"
    with pytest.raises(Conflict, match="newer review"):
        joining()

    back = part(database, knowledge, review=made, entry=entry, reason="Another patient's", by=pharmacist,
                now=NOW + dt.timedelta(minutes=2))  # fmt: skip
    again = look(database, back, pharmacist).reconciliation
    assert [r.entries for r in again.rows] == [r.entries for r in before.reconciliation.rows]
    assert again == before.reconciliation
    with pytest.raises(NotFound):
        part(database, knowledge, review=back, entry=entry, reason="Twice", by=pharmacist, now=NOW)


def test_an_item_that_was_not_understood_no_longer_hinders_once_a_person_said_what_it_is(
    database: Database, unread: str, pharmacist: Person, clerk: Person
) -> None:
    page = look(database, unread, pharmacist)
    about_gp = [h for h in hindrances(page) if h.startswith("gp:") or "list gp" in h]
    assert len(about_gp) == 2  # the list is in part, and one item could not be understood

    def noting(note: str, resource: str = "MedicationStatement/9", by: Person = pharmacist) -> None:
        note_quarantined(database, page.reconciliation, review=unread, list_name="gp", resource=resource, note=note,
                         by=by, now=NOW)  # fmt: skip

    with pytest.raises(InputError):
        noting(" ")
    with pytest.raises(NotFound):
        noting("x", resource="MedicationStatement/1")
    with pytest.raises(NotAllowed):
        noting("x", by=clerk)
    noting("An empty record; the practice says that it is none")
    with pytest.raises(Conflict):
        noting("Again")
    noted = look(database, unread, pharmacist)
    assert not [h for h in hindrances(noted) if h.startswith("gp:") or "list gp" in h]
    anew = open_review(database, patient=noted.patient.id, reconciliation=noted.reconciliation,
                       now=NOW + dt.timedelta(minutes=1))  # fmt: skip
    carried = look(database, anew, pharmacist)
    ((_, note),) = carried.notes.items()
    undo_note(database, review=anew, note=note.id, by=pharmacist, now=NOW)
    assert [h for h in hindrances(look(database, anew, pharmacist)) if "list gp" in h]
    with pytest.raises(Conflict):
        undo_note(database, review=anew, note=note.id, by=pharmacist, now=NOW)
    assert kinds(database, unread).count("quarantine.understood") == 1
