"""The outbox on real databases with a real receiver: sent once, tried again, given up, withdrawn; several workers."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import uuid
from collections import Counter
from pathlib import Path

import pytest

from gateway.actions import do_work
from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.do_work import claim_work, do_piece
from gateway.actions.house import House
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import change_source, register_source
from gateway.actions.reviews import look_at_review
from gateway.actions.send_outcome import Outgoing, Sending, send_again, send_outcome, sendings, withdraw_sending
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, InputError, NotAllowed, Stale
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger, outbox
from gateway.store.database import Database, open_database
from gateway.worker.run import do_what_is_due, run_worker
from tests.integration.receiver import Receiver, receiving
from tests.integration.test_review_actions import NOW, PASSWORD, pharmacist, reconciliation, review

__all__ = ["pharmacist", "reconciliation", "review"]

SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


class Clock:
    def __init__(self) -> None:
        self.at = NOW

    def __call__(self) -> dt.datetime:
        return self.at

    def on(self, **by: float) -> None:
        self.at += dt.timedelta(**by)


class Site:
    """A gateway with one signed review, a clock that is moved by hand, and a receiver."""

    def __init__(self, database: Database, knowledge: Knowledge, by: Person, review: str, receiver: Receiver) -> None:
        self.database, self.knowledge, self.by, self.review = database, knowledge, by, review
        self.clock, self.receiver = Clock(), receiver
        self.source = register_source(
            database, now=NOW, name="gp", organisation="Hill Practice", kind="gp", base_url=receiver.address,
            dialect="generic-r4", fhir_version="4.0.1", post_url=f"{receiver.address}/Bundle",
        ).id  # fmt: skip
        self.sign()

    @property
    def version(self) -> int:
        return look_at_review(self.database, review=self.review, by=self.by, now=self.clock(), record=False).version

    def sign(self) -> None:
        sign_review(
            self.database, review=self.review, expected_version=self.version, override="all seen", by=self.by,
            now=self.clock(), follow_up_days=(),
        )  # fmt: skip

    def reopen(self) -> None:
        reopen_review(
            self.database, review=self.review, expected_version=self.version, reason="a mistake", by=self.by,
            now=self.clock(),
        )  # fmt: skip

    def send(self, n: int = 0, **more: object) -> str:
        given: dict[str, object] = {
            "review": self.review, "endpoint": self.source, "outgoing": outgoing(n), "expected_version": self.version,
            "by": self.by, "now": self.clock(),
        }  # fmt: skip
        return send_outcome(self.database, **given | more)  # type: ignore[arg-type]

    def work(self) -> dict[str, int]:
        """Everything that is due now."""

        async def due() -> dict[str, int]:
            async with Connections(SETTINGS, self.clock) as connections:
                return await do_what_is_due(self.house(connections))

        return asyncio.run(due())

    def house(self, connections: Connections) -> House:
        return House(
            settings=SETTINGS, database=self.database, knowledge=self.knowledge, connections=connections, now=self.clock
        )

    @property
    def newest(self) -> Sending:
        return sendings(self.database, self.review)[0]

    def kinds(self) -> Counter[str]:
        with self.database.read() as connection:
            assert ledger.verify(connection) == ()
            return Counter(e.act.kind for e in ledger.entries(connection) if e.act.kind.startswith("post."))


def outgoing(n: int = 0) -> Outgoing:
    identifier = f"urn:uuid:{uuid.UUID(int=n)}"
    tree = {"resourceType": "Bundle", "type": "document", "identifier": {"value": identifier}}
    return Outgoing(content=json.dumps(tree).encode(), identifier=identifier, what=f"discharge medicines {n}")


def test_a_document_is_sent_once_with_keys_by_which_it_is_taken_once(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        item = site.send()
        assert receiver.headers == []  # nothing goes out before a worker takes it
        assert site.newest.state == "waiting"
        with pytest.raises(Conflict, match="already"):
            site.send()
        assert site.work() == {"done": 1}
        assert site.work() == {}
    (headers,) = receiver.headers
    assert receiver.bodies == [outgoing().content]
    assert headers["content-type"] == "application/fhir+json"
    assert headers["idempotency-key"] == f'"{uuid.UUID(int=0)}"'
    assert headers["if-none-exist"] == f"identifier=urn:ietf:rfc:3986%7Curn:uuid:{uuid.UUID(int=0)}"
    sent = site.newest
    assert (sent.id, sent.state, sent.status, sent.organisation) == (item, "done", 201, "Hill Practice")
    assert str(sent.location).startswith(f"{receiver.address}/Bundle/")
    with database.read() as connection:
        (act,) = [e.act for e in ledger.entries(connection, review) if e.act.kind == "post.sent"]
    assert (act.item, act.payload["status"], act.payload["location"]) == (item, 201, sent.location)
    assert site.kinds() == {"post.asked": 1, "post.sent": 1}
    with pytest.raises(Conflict, match="already"):
        site.send()


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_may_heal_is_tried_again_later_and_longer_each_time(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str, status: int
) -> None:
    # the transport asks three times within one attempt
    with receiving(*[status] * 6) as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        assert site.work() == {"waiting": 1}
        first = site.newest
        assert (first.state, first.attempts) == ("waiting", 1)
        assert f"({status}: business-rule)" in str(first.problem)
        assert "Ann" not in str(first.problem)
        pause = dt.datetime.fromisoformat(first.next_at) - site.clock()
        assert dt.timedelta(seconds=3) < pause <= dt.timedelta(seconds=5)
        assert site.work() == {}
        site.clock.on(seconds=5)
        assert site.work() == {"waiting": 1}
        pause = dt.datetime.fromisoformat(site.newest.next_at) - site.clock()
        assert dt.timedelta(seconds=6) < pause <= dt.timedelta(seconds=10)
        site.clock.on(seconds=10)
        assert site.work() == {"done": 1}
    assert (site.newest.state, site.newest.attempts) == ("done", 3)
    assert set(receiver.keys.values()) == {7}
    assert len(receiver.documents.taken) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 412, 422, 501])
def test_what_will_not_heal_fails_at_once_and_says_why(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str, status: int
) -> None:
    with receiving(status) as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        item = site.send()
        assert site.work() == {"failed": 1}
        failed = site.newest
        assert (failed.state, failed.attempts) == ("failed", 1)
        assert f"({status}: business-rule)" in str(failed.problem)
        site.clock.on(hours=2)
        assert site.work() == {}
        assert len(receiver.headers) == 1

        send_again(database, review=review, item=item, by=pharmacist, now=site.clock())
        assert site.work() == {"done": 1}
    assert receiver.keys == {f'"{uuid.UUID(int=0)}"': 2}
    assert site.kinds() == {"post.asked": 1, "post.failed": 1, "post.asked-again": 1, "post.sent": 1}
    with pytest.raises(Conflict, match="failed"):
        send_again(database, review=review, item=item, by=pharmacist, now=site.clock())


def test_an_organisation_that_does_not_answer_is_given_up_after_a_day_and_that_is_said(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
    site.send()
    states = Counter[str]()
    for _ in range(26):
        states.update(site.work())
        site.clock.on(hours=1)
    assert states["failed"] == 1
    assert states["waiting"] > 20
    assert str(site.newest.problem).startswith("given up after 24 hours and ")
    assert "could not be reached" in str(site.newest.problem)


def test_a_time_out_is_tried_again_and_taken_once(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.actions.deliver_post.WITHIN_S", 0.5)
    with receiving("slow") as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        assert site.work() == {"waiting": 1}
        assert "no whole answer within 0.5 seconds" in str(site.newest.problem)
        site.clock.on(seconds=5)
        assert site.work() == {"done": 1}
    assert len(receiver.documents.taken) == 1


def test_a_review_opened_again_withdraws_what_waits_and_a_new_signature_is_sent_anew(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        site.reopen()
        assert (site.newest.state, site.newest.problem) == ("withdrawn", "the review was opened again")
        assert site.work() == {}
        with pytest.raises(Conflict, match="sign it first"):
            site.send()
        site.clock.on(minutes=5)
        site.sign()
        assert site.newest.before
        site.send()
        assert site.work() == {"done": 1}
    assert [one.state for one in sendings(database, review)] == ["done", "withdrawn"]
    assert len(receiver.headers) == 1
    assert site.kinds() == {"post.asked": 2, "post.withdrawn": 1, "post.sent": 1}


def test_what_is_claimed_when_the_review_is_opened_again_is_not_tried_once_more(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        assert claim_work(database, site.clock()) is not None  # a worker that dies here
        site.reopen()
        site.clock.on(seconds=1)
        site.sign()
        assert site.work() == {}
        site.clock.on(seconds=121)
        assert site.work() == {"withdrawn": 1}
    assert receiver.headers == []
    assert "may have arrived" in str(site.newest.problem)


def test_a_person_withdraws_what_waits_and_not_what_was_sent(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        item = site.send()
        withdraw_sending(database, review=review, item=item, by=pharmacist, now=site.clock())
        assert site.work() == {}
        assert site.newest.state == "withdrawn"
        item = site.send()
        site.work()
        with pytest.raises(Conflict, match="does not wait"):
            withdraw_sending(database, review=review, item=item, by=pharmacist, now=site.clock())
    assert len(receiver.headers) == 1


def test_only_what_a_pharmacist_sees_signed_goes_out_and_only_where_documents_are_taken(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    clerk = create_account(database, name="c", display_name="C", role="audit-clerk", password=PASSWORD, now=NOW)
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        with pytest.raises(NotAllowed):
            site.send(by=clerk)
        with pytest.raises(Stale):
            site.send(expected_version=site.version - 1)
        with pytest.raises(InputError, match="takes documents"):
            site.send(endpoint="nobody")
        site.send()
        change_source(database, source=site.source, fields={"post_url": None}, now=NOW)
        with pytest.raises(InputError, match="takes documents"):
            site.send(1)
        assert site.work() == {"failed": 1}
    assert receiver.headers == []


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/Bundle", "http://127.0.0.1:1/Bundle", "ftp://127.0.0.1/x", "{}/Bundle?a=b", "x"]
)
def test_documents_go_to_the_server_that_the_sign_in_is_for(database: Database, url: str) -> None:
    with pytest.raises(InputError):
        register_source(
            database, now=NOW, name="gp", organisation="Hill Practice", kind="gp", base_url="http://127.0.0.1:2/r4",
            dialect="generic-r4", fhir_version="", post_url=url.format("http://127.0.0.1:2/r4"),
        )  # fmt: skip


def test_an_organisation_that_moves_takes_no_documents_until_it_is_said_where(database: Database) -> None:
    made = register_source(
        database, now=NOW, name="gp", organisation="Hill Practice", kind="gp", base_url="http://127.0.0.1:2/r4",
        dialect="generic-r4", fhir_version="", post_url="http://127.0.0.1:2/r4/Bundle",
    )  # fmt: skip
    moved = change_source(database, source=made.id, fields={"base_url": "http://127.0.0.1:3/r4"}, now=NOW)
    assert moved.post_url is None


@pytest.mark.parametrize("late_first", [True, False])
def test_a_dead_workers_piece_is_another_ones_after_the_lease_and_its_own_end_comes_too_late(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str, late_first: bool
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        first = claim_work(database, site.clock())
        assert first is not None
        site.clock.on(seconds=119)
        assert claim_work(database, site.clock()) is None
        site.clock.on(seconds=2)
        second = claim_work(database, site.clock())
        assert second is not None
        assert (second.id, second.attempts) == (first.id, 2)

        async def both() -> list[str]:
            async with Connections(SETTINGS, site.clock) as connections:
                house = site.house(connections)
                order = (first, second) if late_first else (second, first)
                return [await do_piece(house, one) for one in order]

        assert asyncio.run(both()) == (["lost", "done"] if late_first else ["done", "lost"])
    assert set(receiver.keys.values()) == {2}
    assert len(receiver.documents.taken) == 1
    assert site.kinds() == {"post.asked": 1, "post.sent": 1}


def test_a_piece_that_ends_its_worker_each_time_is_given_up(
    database: Database, knowledge: Knowledge, pharmacist: Person, review: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(do_work, "MOST_ATTEMPTS", 3)
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        site.send()
        for _ in range(3):
            assert claim_work(database, site.clock()) is not None
            site.clock.on(seconds=121)
        assert site.work() == {"failed": 1}
    assert "the worker ended in each of 3 attempts" in str(site.newest.problem)


def test_a_body_is_kept_once_however_often_it_is_sent(database: Database) -> None:
    with database.write() as connection:
        for target in ("a", "b"):
            outbox.put(
                connection, kind="fhir-post", subject="s", due=NOW, give_up=NOW, by="x", role="y", now=NOW,
                target=target, content=b"{}",
            )  # fmt: skip
    with database.read() as connection:
        one, two = outbox.pieces_of(connection, "s")
        assert one.body == two.body
        assert outbox.body_of(connection, str(one.body)) == (b"{}", "application/fhir+json")


def test_several_workers_at_once_send_each_document_exactly_once(
    database_url: str, database: Database, knowledge: Knowledge, pharmacist: Person, review: str
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        for n in range(40):
            site.send(n)
        others = [open_database(database_url) for _ in range(2)]

        async def all_of_them() -> None:
            stop = asyncio.Event()
            async with Connections(SETTINGS, site.clock) as a, Connections(SETTINGS, site.clock) as b:
                houses = [
                    House(settings=SETTINGS, database=d, knowledge=knowledge, connections=c, now=site.clock)
                    for d, c in zip(others, (a, b), strict=True)
                ]
                workers = [asyncio.create_task(run_worker(house, stop)) for house in houses]
                for _ in range(600):
                    if len(receiver.documents.taken) == 40:
                        break
                    await asyncio.sleep(0.05)
                stop.set()
                await asyncio.gather(*workers)

        asyncio.run(all_of_them())
        for one in others:
            one.close()
    assert len(receiver.keys) == 40
    assert set(receiver.keys.values()) == {1}
    assert {one.state for one in sendings(database, review)} == {"done"}
    assert site.kinds() == {"post.asked": 40, "post.sent": 40}


def test_a_pause_begins_at_five_seconds_and_ends_at_an_hour() -> None:
    for attempts, most in ((1, 5), (2, 10), (5, 80), (11, 3600), (60, 3600)):
        for _ in range(50):
            assert most * 2 / 3 <= outbox.pause(attempts).total_seconds() <= most


def test_the_outbox_survives_a_restart(tmp_path: Path, knowledge: Knowledge) -> None:
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    first = open_database(url)
    with first.write() as connection:
        outbox.put(
            connection, kind="fhir-post", subject="s", due=NOW, give_up=NOW, by="x", role="y", now=NOW, target="a",
            content=b"{}", details={"identifier": "urn:uuid:1", "what": "w"},
        )  # fmt: skip
    first.close()
    again = open_database(url)
    piece = claim_work(again, NOW)
    assert piece is not None
    assert (piece.details["what"], piece.state) == ("w", "claimed")
    again.close()
