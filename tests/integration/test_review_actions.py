"""A review from opening to sign-off on real databases: reasons required, races told, everything in the ledger."""

from __future__ import annotations

import datetime as dt
import threading
from pathlib import Path

import msgspec
import pytest

from gateway.actions import audit_cases
from gateway.actions.access import Person
from gateway.actions.accounts import create_account, list_accounts
from gateway.actions.decide_row import decide, undo
from gateway.actions.labour_page import labour_page
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.record_fetch import Attempt, known_patient, record_fetch
from gateway.actions.register_source import register_source, registered_sources
from gateway.actions.reviews import look_at_review, open_review
from gateway.actions.second_check import check_decision
from gateway.actions.sign_in import csrf_holds, csrf_token, session_of, sign_in, sign_out
from gateway.actions.sign_review import sign_review
from gateway.actions.sources_page import sources_page
from gateway.actions.worklist import worklist
from gateway.errors import Conflict, InputError, NotAllowed, NotFound, NotSignedIn, Stale, UsageError
from gateway.fhir.read import read_list
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListRole
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture
def pharmacist(database: Database) -> Person:
    return create_account(
        database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=NOW
    )  # fmt: skip


@pytest.fixture
def clerk(database: Database) -> Person:
    return create_account(database, name="cas", display_name="Cas", role="audit-clerk", password=PASSWORD, now=NOW)


@pytest.fixture
def reconciliation(knowledge: Knowledge) -> Reconciliation:
    gp = bundle(patient(), statement("1", "Apixaban 5mg tablets", dose="one twice a day"), statement("2", "Aspirin 75mg tablets", dose="one daily"))  # fmt: skip # noqa: E501
    ward = bundle(patient(), statement("1", "Apixaban 2.5mg tablets", dose="one twice a day"), statement("2", "Aspirin 75mg tablets", dose="one daily"))  # fmt: skip # noqa: E501
    lists = [read_list("gp", [document(gp)]), read_list("ward", [document(ward)])]
    return reconcile(lists, knowledge, NOW.date(), {"ward": ListRole.DISCHARGE})


@pytest.fixture
def review(database: Database, reconciliation: Reconciliation) -> str:
    who = known_patient(database, nhs_number="9990000018", name="Ann Example", birth_date="1950-01-01")
    return open_review(database, patient=who, reconciliation=reconciliation, now=NOW)


def row_of(reconciliation: Reconciliation, medicine: str) -> str:
    return next(r.id for r in reconciliation.rows if r.medicine == medicine)


def test_the_snapshot_is_exactly_what_was_reconciled(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    page = look_at_review(database, review=review, by=pharmacist, now=NOW)
    assert page.reconciliation == reconciliation
    assert msgspec.msgpack.encode(page.reconciliation) == msgspec.msgpack.encode(reconciliation)


def test_a_change_needs_a_reason_and_a_suspension_a_plan(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    for outcome, words in (
        (Outcome.CONTINUE, "as on which list"),
        (Outcome.CHANGE, "what the dose changes to"),
        (Outcome.STOP, "reason"),
        (Outcome.WITHHOLD, "plan"),
    ):
        with pytest.raises(InputError, match=words):
            decide(database, review=review, decision=Decision(row=row, outcome=outcome), expected_version=0,
                   by=pharmacist, now=NOW)  # fmt: skip
    with pytest.raises(NotFound):
        decide(database, review=review, decision=Decision(row="r99", outcome=Outcome.ASK), expected_version=0,
               by=pharmacist, now=NOW)  # fmt: skip


def keep(row: str, entry: str) -> Decision:
    return Decision(row=row, outcome=Outcome.CONTINUE, as_on=(entry,))


def test_a_decision_its_undo_and_the_ledger(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    made = decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
                  by=pharmacist, now=NOW, seconds=12.5, timing="page")  # fmt: skip
    assert made.version == 1
    with pytest.raises(Stale):
        decide(database, review=review, decision=keep(row, "gp/MedicationStatement/1"), expected_version=0,
               by=pharmacist, now=NOW)  # fmt: skip
    taken_back = undo(database, review=review, row=row, expected_version=1, by=pharmacist, now=NOW)
    assert taken_back.decision is None
    with database.read() as connection:
        kinds = [e.act.kind for e in ledger.entries(connection, review)]
        assert kinds.count("row.decided") == 1
        assert kinds.count("row.undone") == 1
        assert ledger.verify(connection) == ()


def test_a_form_sent_twice_is_taken_once(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    for _ in range(2):
        made = decide(database, review=review, decision=keep(row, "ward/MedicationStatement/1"), expected_version=0,
                      by=pharmacist, now=NOW, form="form-1")  # fmt: skip
        assert made.version == 1
    with pytest.raises(Conflict, match="another content"):
        decide(database, review=review, decision=keep(row, "gp/MedicationStatement/1"), expected_version=1,
               by=pharmacist, now=NOW, form="form-1")  # fmt: skip


def test_of_two_people_who_decide_at_once_exactly_one_wins(
    database: Database, knowledge: Knowledge, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    row = row_of(reconciliation, "apixaban")
    for n in range(25):
        # another patient each time: of one patient, a newer review would take the decision over
        who = known_patient(database, nhs_number=f"99900000{n:02}", name="Ann Example")
        review = open_review(database, patient=who, reconciliation=reconciliation, now=NOW)
        told: list[str] = []
        gate = threading.Barrier(2)

        def submit(entry: str, review: str = review, told: list[str] = told, gate: threading.Barrier = gate) -> None:
            gate.wait()
            try:
                decide(database, review=review, decision=keep(row, entry), expected_version=0, by=pharmacist, now=NOW)
                told.append("won")
            except Stale:
                told.append("told")

        threads = [threading.Thread(target=submit, args=(f"{n}/MedicationStatement/1",)) for n in ("gp", "ward")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(told) == ["told", "won"]


def test_sign_off_waits_for_every_row_or_a_recorded_override(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person
) -> None:
    with pytest.raises(Conflict, match="not decided"):
        sign_review(database, review=review, expected_version=1, override=None, by=pharmacist, now=NOW)
    for row in reconciliation.rows:
        decide(database, review=review, decision=keep(row.id, row.entries[0]), expected_version=0, by=pharmacist,
               now=NOW)  # fmt: skip
    assert worklist(database, by=pharmacist, now=NOW)[0].to_decide == 0
    with pytest.raises(Conflict, match="apixaban waits for a second check"):
        sign_review(database, review=review, expected_version=1, override=None, by=pharmacist, now=NOW)
    other = create_account(database, name="sam", display_name="Sam", role="pharmacist", password=PASSWORD, now=NOW)
    critical = row_of(reconciliation, "apixaban")
    check_decision(database, review=review, row=critical, expected_version=1, by=other, now=NOW)
    sign_review(database, review=review, expected_version=1, override=None, by=pharmacist, now=NOW)
    with pytest.raises(Conflict, match="read-only"):
        undo(database, review=review, row=critical, expected_version=2, by=pharmacist, now=NOW)


def test_roles_are_kept_and_the_denial_is_kept_too(database: Database, review: str, clerk: Person) -> None:
    with pytest.raises(NotAllowed):
        look_at_review(database, review=review, by=clerk, now=NOW)
    with database.read() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM access_event WHERE NOT allowed").scalar() == 1
    with pytest.raises(NotAllowed):
        worklist(database, by=clerk, now=NOW)


def test_an_audit_case_is_proposed_confirmed_and_overridden(
    database: Database, review: str, reconciliation: Reconciliation, knowledge: Knowledge, pharmacist: Person,
    clerk: Person,
) -> None:  # fmt: skip
    case = audit_cases.open_case(
        database, pack="minap", review=review, why="test", vocabulary=knowledge.vocabulary, now=NOW
    )
    page = audit_cases.look_at_case(database, case=case, by=clerk, vocabulary=knowledge.vocabulary, now=NOW)
    lines = {line.question.id: line for line in page.lines}
    assert lines["4.08"].proposal.code == "1"
    assert lines["4.08"].proposal.evidence
    assert lines["4.07"].proposal.code is None
    assert lines["4.07"].proposal.abstention_code == "not-signed"

    def answer(question: str, code: str, reason: str | None = None, version: int = 1) -> None:
        audit_cases.answer(database, case=case, question=question, code=code, reason=reason, note=None,
                           expected_version=version, by=clerk, now=NOW, seconds=4, timing="page")  # fmt: skip

    answer("4.08", "1")
    with pytest.raises(InputError, match="answers of this question"):
        answer("4.05", "7")
    with pytest.raises(Stale):
        answer("4.08", "1")
    with pytest.raises(InputError, match="reason"):
        answer("4.08", "0", version=2)
    answer("4.08", "0", "stopped-not-recorded", version=2)
    answer("4.07", "9")
    audit_cases.outside_lookup(database, case=case, question="4.07", system="paper chart", minutes=3, by=clerk, now=NOW)
    audit_cases.open_case(database, pack="minap", review=review, why="test", vocabulary=knowledge.vocabulary, now=NOW)
    again = {
        x.question.id: x
        for x in audit_cases.look_at_case(database, case=case, by=clerk, vocabulary=knowledge.vocabulary, now=NOW).lines
    }
    assert (again["4.08"].state, again["4.08"].code, again["4.08"].origin) == ("overridden", "0", "override")
    assert (again["4.07"].state, again["4.07"].origin) == ("entered", "manual")
    shown = labour_page(database, by=clerk)
    counted = {
        dict(m.group)["act"]: m.n
        for m in shown.measures
        if m.name == "acts-by-role" and dict(m.group)["role"] == "audit-clerk"
    }
    assert counted["answer.confirmed"] == 1
    assert counted["answer.overridden"] == 1
    assert counted["lookup.outside"] == 1


def test_signing_in_and_the_end_of_a_session(database: Database, pharmacist: Person) -> None:
    settings = Settings()
    token = sign_in(database, settings, name="PAT ", password=PASSWORD, now=NOW)
    session = session_of(database, settings, token=token, now=NOW)
    assert session.person.role == "pharmacist"
    assert csrf_holds(session, csrf_token(session))
    assert not csrf_holds(session, "é")
    later = NOW + dt.timedelta(minutes=settings.session_idle_minutes + 1)
    with pytest.raises(NotSignedIn, match="without activity"):
        session_of(database, settings, token=token, now=later)
    fresh = sign_in(database, settings, name="pat", password=PASSWORD, now=NOW)
    sign_out(database, token=fresh, now=NOW)
    for bad in (fresh, None, "", "x" * 500):
        with pytest.raises(NotSignedIn):
            session_of(database, settings, token=bad, now=NOW)


def test_five_wrong_passwords_lock_for_a_quarter_of_an_hour(database: Database, pharmacist: Person) -> None:
    settings = Settings()
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            sign_in(database, settings, name="pat", password="wrong", now=NOW)
    with pytest.raises(NotSignedIn):
        sign_in(database, settings, name="pat", password=PASSWORD, now=NOW)
    sign_in(database, settings, name="pat", password=PASSWORD, now=NOW + dt.timedelta(minutes=16))
    with pytest.raises(NotSignedIn):
        sign_in(database, settings, name="nobody", password=PASSWORD, now=NOW)


def test_accounts_refuse_what_cannot_be_kept(database: Database, pharmacist: Person) -> None:
    for fields in ({"role": "king"}, {"password": "short"}, {"name": "\x00"}):
        given = {"name": "new", "role": "manager", "password": PASSWORD} | fields
        with pytest.raises(UsageError):
            create_account(
                database, now=NOW, display_name="N", name=given["name"], role=given["role"], password=given["password"]
            )
    with pytest.raises(Conflict):
        create_account(database, name="Pat", display_name="P", role="manager", password=PASSWORD, now=NOW)
    assert [p.name for p in list_accounts(database)] == ["pat"]


def test_sources_and_what_they_sent_are_kept(database: Database, pharmacist: Person, tmp_path: Path) -> None:
    source = register_source(
        database, now=NOW, name="gp", organisation="Elm Tree Surgery", kind="gp", base_url="http://127.0.0.1:1",
        dialect="gp-connect-stu3", fhir_version="3.0",
    )  # fmt: skip
    assert [s.name for s in registered_sources(database)] == ["gp"]
    who = known_patient(database, nhs_number="9990000018", name="Ann Example")
    sent = document(bundle(patient(), statement("1", "Apixaban 5mg tablets")))
    got = Attempt(source=source.id, list=read_list("gp", [sent]), documents=(sent,), started=NOW, milliseconds=12)
    record_fetch(database, patient=who, attempts=[got], now=NOW)
    line = sources_page(database, by=pharmacist, now=NOW)[0]
    assert (line.last_state, line.answers, line.median) == ("complete", {"complete": 1}, 12)


def test_a_review_looked_at_again_soon_is_one_piece_of_work(
    database: Database, review: str, pharmacist: Person
) -> None:
    for minutes, opened in ((0, 1), (1, 1), (29, 1), (61, 2)):
        look_at_review(database, review=review, by=pharmacist, now=NOW + dt.timedelta(minutes=minutes))
        with database.read() as connection:
            kinds = [e.act.kind for e in ledger.entries(connection, review)]
        assert kinds.count("review.opened") == opened, minutes
