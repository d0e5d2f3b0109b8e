"""A clerk's work on a case: proposals kept back, questions to the ward, locking, and the form that shows it."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import httpx
import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.answer_question import answer
from gateway.actions.ask_ward import ask_ward, note_reply
from gateway.actions.audit_cases import CasePage, read_case
from gateway.actions.audit_lock import lock_case, unlock_case
from gateway.actions.clear_answer import clear_answer
from gateway.actions.open_case import is_withheld, open_case
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.actions.sign_in import sign_in
from gateway.app import create_app
from gateway.errors import Conflict, InputError
from gateway.fhir.read import read_list
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import Database
from gateway.web.asked import COOKIE
from tests.fhir_builders import bundle, document, patient, statement

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"


def test_a_case_from_proposal_to_lock(database: Database, tmp_path: Path) -> None:
    knowledge = load_knowledge(tmp_path)
    clerk = create_account(database, name="cas", display_name="Cas", role="audit-clerk", password=PASSWORD, now=NOW)
    lists = [read_list("gp", [document(bundle(patient(), statement("1", "Bisoprolol 5mg tablets")))])]
    known = known_patient(database, nhs_number="9990000018", name="Ann Example", birth_date="1950-01-01")
    review = open_review(database, patient=known, reconciliation=reconcile(lists, knowledge, NOW.date()), now=NOW)
    case = open_case(
        database, pack="minap", review=review, why="test", vocabulary=knowledge.vocabulary, now=NOW, withheld_share=1.0
    )
    before = _page(database, case)
    kept_back = next(x for x in before.lines if x.question.id == "2.24")
    assert (kept_back.hidden, kept_back.proposal.code, kept_back.proposal.evidence) == (True, None, ())
    assert "answer.withheld" in _kinds(database, case)

    _answer(database, case, "2.24", "0", clerk)
    revealed = next(x for x in _page(database, case).lines if x.question.id == "2.24")
    assert (revealed.state, revealed.origin, revealed.code, revealed.proposal.code) == ("entered", "manual", "0", "1")

    with pytest.raises(InputError, match="reason"):
        clear_answer(database, case=case, question="2.24", reason="", expected_version=2, by=clerk, now=NOW)
    clear_answer(database, case=case, question="2.24", reason="stale", expected_version=2, by=clerk, now=NOW)
    cleared = next(x for x in _page(database, case).lines if x.question.id == "2.24")
    assert (cleared.state, cleared.code, cleared.reason, cleared.proposal.code) == ("cleared", None, "stale", "1")

    with pytest.raises(Conflict, match="30 of 31 still to answer"):
        lock_case(database, case=case, reason="", by=clerk, now=NOW)
    for line in before.lines:
        if line.question.id != "2.24":
            _answer(database, case, line.question.id, "1", clerk)
    assert [c.id for c in _page(database, case).conflicts] == ["two-p2y12-inhibitors"]
    query = ask_ward(database, case=case, question="4.31", asked="Which of both?", by=clerk, now=NOW)
    with pytest.raises(Conflict, match="not replied"):
        lock_case(database, case=case, reason="switched", by=clerk, now=NOW)
    shown = _form(database, case, tmp_path)
    assert "Which of both?" in shown
    assert "Answers that do not go together" in shown
    assert "What the ward replied" in shown
    note_reply(database, case=case, query=query, reply="Both", answered_by="ward sister", by=clerk, now=NOW)
    with pytest.raises(InputError, match="do not go together"):
        lock_case(database, case=case, reason=" ", by=clerk, now=NOW)
    lock_case(database, case=case, reason="switched on the last day", by=clerk, now=NOW)
    with pytest.raises(Conflict, match="locked"):
        _answer(database, case, "4.31", "0", clerk, version=2)
    assert "Unlock this case" in _form(database, case, tmp_path)
    with pytest.raises(InputError, match="why"):
        unlock_case(database, case=case, reason="", by=clerk, now=NOW)
    unlock_case(database, case=case, reason="supplier's reject", by=clerk, now=NOW)
    assert _page(database, case).locked_at is None
    assert _kinds(database, case)[-2:] == ["case.locked", "case.unlocked"]


def test_what_is_kept_back_is_drawn_alike_each_time_and_in_the_set_share() -> None:
    drawn = [is_withheld(f"case-{n}", "4.05", 0.2) for n in range(5_000)]
    assert 0.18 < sum(drawn) / len(drawn) < 0.22
    assert drawn == [is_withheld(f"case-{n}", "4.05", 0.2) for n in range(5_000)]
    assert not any(is_withheld(f"case-{n}", "4.05", 0.0) for n in range(100))


def _page(database: Database, case: str) -> CasePage:
    with database.read() as connection:
        return read_case(connection, case)


def _kinds(database: Database, case: str) -> list[str]:
    with database.read() as connection:
        return [entry.act.kind for entry in ledger.entries(connection, case)]


def _answer(database: Database, case: str, question: str, code: str, by: Person, version: int = 1) -> None:
    answer(database, case=case, question=question, code=code, reason=None, note=None, expected_version=version, by=by,
           now=NOW)  # fmt: skip


def _form(database: Database, case: str, cache: Path) -> str:
    settings = Settings(secure_cookies=False, cache_dir=cache, audit_withheld_share=1.0)
    app = create_app(settings, database=database, now=lambda: NOW)
    token = sign_in(database, settings, name="cas", password=PASSWORD, now=NOW)

    async def get() -> str:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", cookies={COOKIE: token}) as client:
            for address in ("/audits", "/audits/enter", f"/audits/{case}?clear=4.31", f"/audits/{case}?ask=4.31"):
                assert (await client.get(address)).status_code == 200, address
            return (await client.get(f"/audits/{case}")).text

    return asyncio.run(get())
