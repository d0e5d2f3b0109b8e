"""A review is taken and given on: who has it, every handover kept, and two at one moment told apart."""

from __future__ import annotations

import datetime as dt
import threading

import msgspec
import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.handover import Given, assign, handover_page, holder
from gateway.actions.reviews import open_review
from gateway.actions.sign_review import sign_review
from gateway.actions.worklist import worklist
from gateway.errors import Conflict, GatewayError, InputError, NotAllowed, NotFound, Stale
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
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
def sam(database: Database) -> Person:
    return create_account(database, name="sam", display_name="Sam", role="pharmacist", password=PASSWORD, now=NOW)


def give(
    database: Database, review: str, to: Person, by: Person, version: int, note: str = "", after: int = 0
) -> Given:
    now = NOW + dt.timedelta(seconds=after)
    return assign(database, review=review, to=to.account, note=note, expected_version=version, by=by, now=now)


def test_taken_then_handed_over_with_a_note(database: Database, review: str, pharmacist: Person, sam: Person) -> None:
    assert holder(database, review) is None
    give(database, review, pharmacist, pharmacist, 0)
    give(database, review, sam, pharmacist, 1, "  Ring the daughter about the eye drops. ", after=60)
    page = handover_page(database, review=review, by=sam, now=NOW)
    assert [(g.name, g.by_name, g.note) for g in page.history] == [
        ("Sam", "Pat", "Ring the daughter about the eye drops."), ("Pat", "Pat", None),
    ]  # fmt: skip
    (line,) = worklist(database, by=pharmacist, now=NOW)
    assert line.given == page.history[0]
    with database.read() as connection:
        told = [e.act for e in ledger.entries(connection, subject=review)]
    assert [
        (a.kind, a.actor, a.payload["to"]) for a in told if a.kind in ("review.assigned", "review.handed-over")
    ] == [
        ("review.assigned", pharmacist.account, pharmacist.account),
        ("review.handed-over", pharmacist.account, sam.account),
    ]
    assert "daughter" not in repr(told), "the ledger counts work; what is said of a patient stays in the review"


def test_who_comes_too_late_is_told_who_was_faster(
    database: Database, review: str, pharmacist: Person, sam: Person
) -> None:
    give(database, review, pharmacist, pharmacist, 0)
    with pytest.raises(Stale, match="Pat took this review 20 seconds ago"):
        give(database, review, sam, sam, 0, after=20)
    assert give(database, review, pharmacist, pharmacist, 0).version == 1, "the same form sent twice is taken once"
    assert len(handover_page(database, review=review, by=sam, now=NOW).history) == 1


def test_of_many_who_take_it_at_one_moment_one_has_it(database: Database, review: str) -> None:
    people = [
        create_account(database, name=f"p{n}", display_name=f"P {n}", role="pharmacist", password=PASSWORD, now=NOW)
        for n in range(6)
    ]
    ready, found = threading.Barrier(len(people)), []

    def take(one: Person) -> None:
        ready.wait()
        try:
            give(database, review, one, one, 0)
            found.append("has it")
        except GatewayError as error:
            found.append(type(error).__name__)

    threads = [threading.Thread(target=take, args=(one,)) for one in people]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(found) == ["Stale"] * 5 + ["has it"]


def test_what_is_refused(database: Database, review: str, pharmacist: Person, clerk: Person, sam: Person) -> None:
    with pytest.raises(InputError, match="Choose who"):
        give(database, review, clerk, pharmacist, 0)
    with pytest.raises(NotAllowed):
        give(database, review, pharmacist, clerk, 0)
    with pytest.raises(NotFound):
        give(database, "nothing", pharmacist, pharmacist, 0)
    for note in ("x" * 4_001, "a\0b"):
        with pytest.raises(InputError, match="note"):
            give(database, review, sam, pharmacist, 0, note)
    give(database, review, sam, pharmacist, 0)
    with pytest.raises(InputError, match="already"):
        give(database, review, sam, sam, 1, "another note")
    assert holder(database, review) is not None


def test_a_signed_review_is_given_to_nobody(database: Database, review: str, pharmacist: Person) -> None:
    sign_review(
        database, review=review, expected_version=1, override="the ward asks for it now", by=pharmacist, now=NOW
    )
    with pytest.raises(Conflict, match="signed"):
        give(database, review, pharmacist, pharmacist, 0)


def test_newer_lists_stay_with_whoever_had_the_older(
    database: Database, review: str, pharmacist: Person, sam: Person, reconciliation: Reconciliation
) -> None:
    give(database, review, sam, pharmacist, 0, "Nearly done")
    patient = handover_page(database, review=review, by=sam, now=NOW).patient.id
    fewer = msgspec.structs.replace(reconciliation, rows=reconciliation.rows[:1])
    newer = open_review(database, patient=patient, reconciliation=fewer, now=NOW + dt.timedelta(hours=1))
    found = holder(database, newer)
    assert newer != review
    assert found is not None
    assert (found.name, found.note) == ("Sam", "Nearly done")
