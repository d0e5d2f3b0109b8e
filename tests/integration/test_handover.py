"""A review is taken, handed over with a note, and raced for: one wins, the other is told, the history stays."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from sqlalchemy import update

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.handover import LONGEST_NOTE, Given, assign, handover_page, holder
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import look_at_review, open_review
from gateway.actions.sign_review import sign_review
from gateway.actions.worklist import worklist
from gateway.errors import Conflict, GatewayError, InputError, NotAllowed, NotFound, Stale
from gateway.labour.work_steps import work_steps
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account
from tests.integration.test_review_actions import (
    NOW,
    PASSWORD,
    clerk,
    knowledge,
    pharmacist,
    reconciliation,
    review,
)

__all__ = ["clerk", "knowledge", "pharmacist", "reconciliation", "review"]


@pytest.fixture
def second(database: Database) -> Person:
    return create_account(database, name="sam", display_name="Sam", role="pharmacist", password=PASSWORD, now=NOW)


def give(database: Database, review: str, by: Person, to: Person, version: int, note: str = "",
         now: dt.datetime = NOW) -> Given:  # fmt: skip
    return assign(
        database, review=review, to=to.account, note=note, expected_version=version, by=by, now=now, seconds=4.0,
        timing="page",
    )  # fmt: skip


def acts(database: Database, review: str) -> list[tuple[str, str]]:
    with database.read() as connection:
        found = [e.act for e in ledger.entries(connection, review)]
    return [(a.kind, a.actor) for a in found if a.kind in ("review.assigned", "review.handed-over")]


def test_taken_then_handed_over_with_a_note(
    database: Database, review: str, pharmacist: Person, second: Person
) -> None:
    assert holder(database, review) is None
    give(database, review, pharmacist, pharmacist, 0)
    give(database, review, pharmacist, second, 1, note="Ask the ward about the patch.")
    (line,) = worklist(database, by=pharmacist, now=NOW)
    assert line.given is not None
    assert (line.given.name, line.given.note) == ("Sam", "Ask the ward about the patch.")
    page = handover_page(database, review=review, by=second, now=NOW)
    assert [(g.name, g.by_name, g.note) for g in page.history] == [
        ("Sam", "Pat", "Ask the ward about the patch."),
        ("Pat", "Pat", None),
    ]
    assert acts(database, review) == [
        ("review.assigned", pharmacist.account),
        ("review.handed-over", pharmacist.account),
    ]
    assert {"review.assigned", "review.handed-over"} <= set(work_steps().steps)
    with database.read() as connection:
        steps = [e.act for e in ledger.entries(connection, review) if e.act.actor == pharmacist.account]
    assert [(a.seconds, a.timing) for a in steps] == [(4.0, "page")] * 2
    assert "patch" not in str([a.payload for a in steps])


def test_who_comes_second_is_told_who_was_faster(
    database: Database, review: str, pharmacist: Person, second: Person
) -> None:
    give(database, review, pharmacist, pharmacist, 0)
    with pytest.raises(Stale, match="Pat took this review 20 seconds ago"):
        give(database, review, second, second, 0, now=NOW + dt.timedelta(seconds=20))
    give(database, review, second, second, 1)
    with pytest.raises(Stale, match="Sam took"):
        give(database, review, pharmacist, pharmacist, 1)


def test_fifty_races_have_one_winner_each(database: Database, review: str, pharmacist: Person, second: Person) -> None:
    for version in range(50):
        # Neither takes what they hold: both give it to whoever does not have it.
        held = holder(database, review)
        to = second if held is None or held.account == pharmacist.account else pharmacist
        won, told = [], []
        gate = threading.Barrier(2)

        def one(by: Person, note: str, to: Person = to, version: int = version) -> None:
            gate.wait()  # noqa: B023 - joined before the loop goes on
            try:
                won.append(give(database, review, by, to, version, note=note))  # noqa: B023
            except GatewayError as error:
                told.append(error)  # noqa: B023

        both = [threading.Thread(target=one, args=(by, by.name)) for by in (pharmacist, second)]
        for each in both:
            each.start()
        for each in both:
            each.join()
        assert (len(won), [type(error) for error in told]) == (1, [Stale])
    assert len(handover_page(database, review=review, by=pharmacist, now=NOW).history) == 50


def test_the_same_form_twice_is_written_once(database: Database, review: str, pharmacist: Person) -> None:
    first = give(database, review, pharmacist, pharmacist, 0, note="mine")
    assert give(database, review, pharmacist, pharmacist, 0, note="mine") == first
    assert len(acts(database, review)) == 1


def test_only_active_pharmacists_are_offered_and_taken(
    database: Database, review: str, pharmacist: Person, second: Person, clerk: Person
) -> None:
    with database.write() as connection:
        connection.execute(update(Account.__table__).where(Account.__table__.c.id == second.account).values(disabled=True))  # type: ignore[attr-defined]  # fmt: skip  # noqa: E501
    page = handover_page(database, review=review, by=pharmacist, now=NOW)
    assert page.pharmacists == ((pharmacist.account, "Pat"),)
    for to in (second, clerk):
        with pytest.raises(InputError, match="Choose who"):
            give(database, review, pharmacist, to, 0)
    with pytest.raises(NotAllowed):
        give(database, review, clerk, pharmacist, 0)
    with pytest.raises(NotAllowed):
        handover_page(database, review=review, by=clerk, now=NOW)
    assert acts(database, review) == []


def test_what_cannot_be_taken_is_said(database: Database, review: str, pharmacist: Person) -> None:
    with pytest.raises(NotFound):
        give(database, "nothing", pharmacist, pharmacist, 0)
    for note in ("x" * (LONGEST_NOTE + 1), "a\0b"):
        with pytest.raises(InputError, match="A note has"):
            give(database, review, pharmacist, pharmacist, 0, note=note)
    give(database, review, pharmacist, pharmacist, 0)
    with pytest.raises(InputError, match="has this review already"):
        give(database, review, pharmacist, pharmacist, 1, note="again")
    version = look_at_review(database, review=review, by=pharmacist, now=NOW).version
    sign_review(database, review=review, expected_version=version, override="told by phone", by=pharmacist, now=NOW)
    with pytest.raises(Conflict, match="only an open review"):
        give(database, review, pharmacist, pharmacist, 1)


def test_newer_lists_stay_with_whoever_had_the_older(
    database: Database, review: str, reconciliation: Reconciliation, pharmacist: Person, second: Person
) -> None:
    give(database, review, pharmacist, pharmacist, 0)
    give(database, review, pharmacist, second, 1, note="back tomorrow")
    who = known_patient(database, nhs_number="9990000018", name="Ann Example")
    new = open_review(database, patient=who, reconciliation=reconciliation, now=NOW + dt.timedelta(hours=1))
    assert new != review
    page = handover_page(database, review=new, by=pharmacist, now=NOW)
    assert ([g.name for g in page.history], page.version) == (["Sam", "Pat"], 2)
    (line,) = worklist(database, by=pharmacist, now=NOW)
    assert (line.review, line.given and line.given.note) == (new, "back tomorrow")
