"""Medicines entered by hand and rows decided in parts: matched and checked with the rest.

The cases were written first: ibuprofen bought over the counter beside apixaban, 1 mg and 3 mg warfarin as two lines.
"""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest

from gateway.actions.access import Person
from gateway.actions.decide_row import decide, undo
from gateway.actions.enter_by_hand import enter_by_hand, read_by_hand, take_back
from gateway.actions.evidence import row_evidence
from gateway.actions.hand_lists import lists_by_hand
from gateway.actions.part_row import join_parts, part_row
from gateway.actions.queries import answer_query
from gateway.actions.reconcile import Knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.register_source import register_source, registered_sources
from gateway.actions.review_page import shown_review
from gateway.actions.reviews import ReviewPage, look_at_review, open_review
from gateway.errors import Conflict, InputError, NotAllowed, NotFound
from gateway.fhir.read import read_list
from gateway.records.by_hand import HandEntry, Teller
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListAsWritten, ListRole, ListState
from gateway.records.matching import Row
from gateway.store import ledger
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement
from tests.integration.conftest import organisations_of
from tests.integration.test_fetch_patient import STORIES, fetch, register
from tests.integration.test_review_actions import NOW, clerk, knowledge, pharmacist

__all__ = ["clerk", "knowledge", "pharmacist"]

IBUPROFEN = HandEntry(id="", teller=Teller.PATIENT, medicine="Ibuprofen 400mg tablets", dose="one three times a day",
                      told_on="2026-11-24", note="Buys it at a supermarket")  # fmt: skip


def fetched() -> list[ListAsWritten]:
    gp = bundle(
        patient(),
        statement("1", "Warfarin 1mg tablets", dose="Two tablets once a day"),
        statement("2", "Warfarin 3mg tablets", dose="One tablet once a day"),
        statement("3", "Ramipril 5mg capsules", dose="One capsule once a day"),
        statement("4", "Apixaban 5mg tablets", dose="One tablet twice a day"),
    )
    ward = bundle(
        patient(),
        statement("2", "Apixaban 5mg tablets", dose="One tablet twice a day"),
        statement("1", "Ramipril 5mg capsules", dose="One capsule once a day"),
    )
    return [read_list("gp", [document(gp)]), read_list("ward", [document(ward)])]


@pytest.fixture
def review(database: Database, knowledge: Knowledge) -> str:
    who = known_patient(database, nhs_number="9990000018", name="Ann Example")
    one = reconcile(fetched(), knowledge, NOW.date(), {"ward": ListRole.INPATIENT})
    return open_review(database, patient=who, reconciliation=one, now=NOW)


def page_of(database: Database, review: str, by: Person) -> ReviewPage:
    return look_at_review(database, review=review, by=by, now=NOW)


def rows(page: ReviewPage, medicine: str) -> list[Row]:
    return [r for r in page.reconciliation.rows if r.medicine == medicine]


def stop(database: Database, review: str, row: str, by: Person, version: int = 0) -> None:
    decision = Decision(row=row, outcome=Outcome.STOP, reason="clinician-confirmed")
    decide(database, review=review, decision=decision, expected_version=version, by=by, now=NOW)


def test_what_is_told_is_a_list_of_its_own_and_rules_look_at_it(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    before = page_of(database, review, pharmacist)
    for medicine in ("apixaban", "ramipril"):
        stop(database, review, rows(before, medicine)[0].id, pharmacist)
    new = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=NOW, form="f1")
    assert new != review
    assert page_of(database, review, pharmacist).state == "replaced"
    after = page_of(database, new, pharmacist)

    told = next(x for x in after.reconciliation.lists if x.written.by_hand)
    assert (told.name, told.role, told.state) == ("patient (by hand)", ListRole.PRE_ADMISSION, ListState.COMPLETE)
    assert [len(x.entries) for x in after.reconciliation.lists if not x.written.by_hand] == [4, 2]
    (entry,) = told.entries
    assert (entry.product.ingredients, entry.dose.parsed, entry.written.asserted) == (
        ("ibuprofen",),
        True,
        "2026-11-24",
    )

    # The anticoagulant was decided without knowing of the ibuprofen: it is looked at again. Ramipril stays decided.
    (ibuprofen,), (apixaban,) = rows(after, "ibuprofen"), rows(after, "apixaban")
    concerned = {d.row for d in after.reconciliation.discrepancies if ibuprofen.entries[0] in d.entries}
    assert ibuprofen.id in concerned
    about_both = [
        d for d in after.reconciliation.discrepancies
        if ibuprofen.entries[0] in d.entries and set(apixaban.entries) & set(d.entries) and d.severity >= 2
    ]  # fmt: skip
    assert about_both
    kept = after.decisions[apixaban.id]
    assert kept.decision is None
    assert kept.look_again is not None
    assert kept.look_again.outcome is Outcome.STOP
    assert after.decisions[rows(after, "ramipril")[0].id].decision is not None
    stop(database, new, apixaban.id, pharmacist, kept.version)
    decided = page_of(database, new, pharmacist).decisions[apixaban.id]
    assert (decided.decision is not None, decided.look_again) == (True, None)
    undo(database, review=new, row=apixaban.id, expected_version=decided.version, by=pharmacist, now=NOW)
    undone = page_of(database, new, pharmacist).decisions[apixaban.id]
    assert (undone.decision, undone.look_again) == (None, None)


def test_one_medicine_by_hand_says_nothing_of_what_was_not_told(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    """Else one bought painkiller would make every other medicine differ, and silence rules that need whole lists."""
    before = page_of(database, review, pharmacist)
    vitamin = HandEntry(id="", teller=Teller.CARER, medicine="Thiamine 100mg tablets", dose="one daily")
    new = enter_by_hand(database, knowledge, review=review, entry=vitamin, by=pharmacist, now=NOW)
    after = page_of(database, new, pharmacist)
    assert set(before.reconciliation.not_evaluated) == set(after.reconciliation.not_evaluated)
    said = {(d.rule, d.message) for d in before.reconciliation.discrepancies}
    (thiamine,) = rows(after, "thiamine")
    others = [d for d in after.reconciliation.discrepancies if d.row != thiamine.id]
    assert {(d.rule, d.message) for d in others} == said
    shown = shown_review(database, knowledge, review=new, by=pharmacist, now=NOW).view
    ramipril = next(r for r in shown.rows if r.medicine == "ramipril")
    assert ramipril.section == "same"
    assert {c.absence for c in ramipril.cells if c.absence} == {"Not mentioned"}
    assert next(c.title for c in shown.columns if c.name == "carer (by hand)") == "Told by a carer"


def test_an_unread_medicine_is_kept_as_text_and_shown_back_as_such(knowledge: Knowledge) -> None:
    read = read_by_hand(IBUPROFEN, knowledge.vocabulary)
    assert (read.words, read.why_not) == ("ibuprofen – 400 mg – tablet – 400 mg 3 times a day", ())
    herbal = HandEntry(id="", teller=Teller.PATIENT, medicine="Grandmother's herbal drops", dose="as she feels")
    read = read_by_hand(herbal, knowledge.vocabulary)
    assert read.words == "Grandmother's herbal drops – as she feels"
    assert [w.partition(":")[0] for w in read.why_not] == [
        "The medicine is not known", "The dose is not understood, and is kept as text",
    ]  # fmt: skip


def test_it_is_corrected_and_taken_back_and_nothing_is_lost(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    one = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=NOW)
    (made,) = page_of(database, one, pharmacist).by_hand
    better = msgspec.structs.replace(IBUPROFEN, dose="one when needed for pain", corrects=made.id)
    two = enter_by_hand(database, knowledge, review=one, entry=better, by=pharmacist, now=NOW)
    page = page_of(database, two, pharmacist)
    assert [(e.dose, e.standing) for e in page.by_hand if e.standing] == [("one when needed for pain", True)]
    assert len(page.by_hand) == 2
    with pytest.raises(Conflict, match="already"):
        enter_by_hand(database, knowledge, review=two, entry=better, by=pharmacist, now=NOW)
    standing = next(e for e in page.by_hand if e.standing)
    with pytest.raises(InputError, match="why"):
        take_back(database, knowledge, review=two, entry=standing.id, reason=" ", by=pharmacist, now=NOW)
    three = take_back(
        database, knowledge, review=two, entry=standing.id, reason="he meant paracetamol", by=pharmacist, now=NOW
    )
    page = page_of(database, three, pharmacist)
    assert not any(x.written.by_hand for x in page.reconciliation.lists)
    assert [e.taken_back_reason for e in page.by_hand if e.corrects] == ["he meant paracetamol"]
    with database.read() as connection:
        kinds = [e.act.kind for e in ledger.entries(connection)]
        assert ledger.verify(connection) == ()
    assert [k for k in kinds if k.startswith("medicine.")] == [
        "medicine.entered", "medicine.corrected", "medicine.withdrawn",
    ]  # fmt: skip


def test_it_outlasts_a_new_fetch_and_a_form_sent_twice_is_taken_once(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    new = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=NOW, form="f1")
    again = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=NOW, form="f1")
    assert again == new
    page = page_of(database, new, pharmacist)
    assert len(page.by_hand) == 1
    with database.read() as connection:
        (kept,) = lists_by_hand(connection, page.patient.id)
    assert kept == next(x.written for x in page.reconciliation.lists if x.written.by_hand)
    found = row_evidence(database, knowledge, review=new, row=rows(page, "ibuprofen")[0].id, by=pharmacist, now=NOW)
    assert found.entries[0].list.written.organisation == "The patient"


def test_what_cannot_be_kept_is_refused_and_changes_nothing(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person, clerk: Person
) -> None:
    wrong = [
        (InputError, msgspec.structs.replace(IBUPROFEN, medicine=" ")),
        (InputError, msgspec.structs.replace(IBUPROFEN, medicine="x" * 1001)),
        (InputError, msgspec.structs.replace(IBUPROFEN, note="a\0b")),
        (InputError, msgspec.structs.replace(IBUPROFEN, told_on="yesterday")),
        (InputError, msgspec.structs.replace(IBUPROFEN, told_on="2027-01-01")),
        (InputError, msgspec.structs.replace(IBUPROFEN, teller=Teller.ORGANISATION)),
        (NotFound, msgspec.structs.replace(IBUPROFEN, teller=Teller.ORGANISATION, about="no such list")),
        (NotFound, msgspec.structs.replace(IBUPROFEN, corrects="no such entry")),
    ]
    for error, entry in wrong:
        with pytest.raises(error):
            enter_by_hand(database, knowledge, review=review, entry=entry, by=pharmacist, now=NOW)
    with pytest.raises(NotAllowed):
        enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=clerk, now=NOW)
    page = page_of(database, review, pharmacist)
    assert (page.state, page.by_hand) == ("open", ())


def test_a_row_is_decided_in_parts_and_put_together_again(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    before = page_of(database, review, pharmacist)
    (whole,) = rows(before, "warfarin")
    one_mg, three_mg = whole.entries
    stop(database, review, whole.id, pharmacist)
    stop(database, review, rows(before, "ramipril")[0].id, pharmacist)
    with pytest.raises(InputError, match="not all"):
        part_row(database, knowledge, review=review, row=whole.id, entries=whole.entries, reason="x", by=pharmacist,
                 now=NOW)  # fmt: skip
    with pytest.raises(InputError, match="Say why"):
        part_row(database, knowledge, review=review, row=whole.id, entries=[three_mg], reason="", by=pharmacist,
                 now=NOW)  # fmt: skip
    new = part_row(
        database, knowledge, review=review, row=whole.id, entries=[three_mg], reason="two strengths, two lines",
        by=pharmacist, now=NOW,
    )  # fmt: skip
    page = page_of(database, new, pharmacist)
    parts = rows(page, "warfarin")
    assert [r.entries for r in parts] == [(one_mg,), (three_mg,)]
    assert len({r.id for r in parts}) == 2
    assert all("two strengths, two lines" in r.reasons[-1] for r in parts)
    assert [page.decisions[r.id].decision for r in parts] == [None, None]
    assert all(page.decisions[r.id].look_again for r in parts)
    assert page.decisions[rows(page, "ramipril")[0].id].decision is not None

    stop(database, new, parts[1].id, pharmacist, 1)
    carry_on = Decision(row=parts[0].id, outcome=Outcome.CONTINUE, as_on=(one_mg,))
    decide(database, review=new, decision=carry_on, expected_version=1, by=pharmacist, now=NOW)
    page = page_of(database, new, pharmacist)
    assert [d.outcome.value for r in parts if (d := page.decisions[r.id].decision)] == ["continue", "stop"]

    # another medicine by hand leaves the parts, and what was decided of them, as they are
    tablet = HandEntry(id="", teller=Teller.CARER, medicine="Thiamine 100mg tablets", dose="one daily")
    later = enter_by_hand(database, knowledge, review=new, entry=tablet, by=pharmacist, now=NOW)
    page = page_of(database, later, pharmacist)
    assert [d.outcome.value for r in rows(page, "warfarin") if (d := page.decisions[r.id].decision)] == [
        "continue", "stop",
    ]  # fmt: skip

    back = join_parts(database, knowledge, review=later, row=rows(page, "warfarin")[1].id, reason="one dose after all",
                      by=pharmacist, now=NOW)  # fmt: skip
    page = page_of(database, back, pharmacist)
    (whole,) = rows(page, "warfarin")
    assert whole.entries == (one_mg, three_mg)
    assert whole.apart == ()
    assert page.decisions[whole.id].decision is None
    with pytest.raises(NotFound):
        join_parts(database, knowledge, review=back, row=whole.id, reason="x", by=pharmacist, now=NOW)
    with database.read() as connection:
        assert ledger.verify(connection) == ()


def test_a_new_fetch_keeps_it_a_second_painkiller_is_looked_at_again(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    """Over HTTP from the demo's organisations: what a person entered stands beside the lists that came anew."""
    now = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
    (person,) = (p for p in STORIES.patients if p.key == "hargreaves")
    with organisations_of(STORIES, now) as organisations:
        register(database, organisations)
        (review,) = fetch(database, knowledge, person.nhs_number)
        first = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=now)
        (ibuprofen,) = rows(page_of(database, first, pharmacist), "ibuprofen")
        stop(database, first, ibuprofen.id, pharmacist)
        naproxen = HandEntry(id="", teller=Teller.CARER, medicine="Naproxen 250mg tablets", dose="one twice a day")
        second = enter_by_hand(database, knowledge, review=first, entry=naproxen, by=pharmacist, now=now)
        page = page_of(database, second, pharmacist)
        again = page.decisions[rows(page, "ibuprofen")[0].id]
        assert again.decision is None
        assert again.look_again is not None
        assert again.look_again.outcome is Outcome.STOP
        said = {c.words for c in shown_review(database, knowledge, review=second, by=pharmacist, now=now).changes}
        assert said == {"Naproxen 250mg tablets was added by hand."}
        (fetched_again,) = fetch(database, knowledge, person.nhs_number)
    assert fetched_again != second
    page = page_of(database, fetched_again, pharmacist)
    by_hand = {one.name: [e.text for e in one.entries] for one in page.reconciliation.lists if one.written.by_hand}
    assert by_hand == {
        "carer (by hand)": ["Naproxen 250mg tablets"], "patient (by hand)": ["Ibuprofen 400mg tablets"],
    }  # fmt: skip
    assert {"gp", "hospital", "pharmacy"} <= {one.name for one in page.reconciliation.lists}


def test_a_question_goes_on_where_its_row_is_looked_at_again_and_closes_with_the_new_decision(
    database: Database, knowledge: Knowledge, review: str, pharmacist: Person
) -> None:
    (apixaban,) = rows(page_of(database, review, pharmacist), "apixaban")
    ask = Decision(row=apixaban.id, outcome=Outcome.ASK, reason="clinician-confirmed", question="Still needed?")
    decide(database, review=review, decision=ask, expected_version=0, by=pharmacist, now=NOW)
    new = enter_by_hand(database, knowledge, review=review, entry=IBUPROFEN, by=pharmacist, now=NOW)
    page = page_of(database, new, pharmacist)
    (row,) = rows(page, "apixaban")
    assert page.decisions[row.id].look_again is not None
    (question,) = page.queries[row.id]
    assert (question.question, question.open) == ("Still needed?", True)
    answer_query(database, review=new, query=question.id, reply="Yes", answered_by="registrar", answered_when="",
                 by=pharmacist, now=NOW)  # fmt: skip
    stop(database, new, row.id, pharmacist, page.decisions[row.id].version)
    (closed,) = page_of(database, new, pharmacist).queries[row.id]
    assert (closed.reply, closed.open) == ("Yes", False)


def test_no_source_is_named_as_a_list_that_people_enter(database: Database) -> None:
    with pytest.raises(InputError, match="by hand"):
        register_source(database, now=NOW, name="GP (By Hand)", organisation="A practice", kind="gp",
                        base_url="https://fhir.example/r4", dialect="generic-r4", fhir_version="4.0")  # fmt: skip
    assert registered_sources(database, "draft", "active", "retired") == ()
