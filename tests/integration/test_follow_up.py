"""Days 7 and 14 after sign-off: the lists are fetched again over HTTP, and what went wrong becomes a task."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.decide_row import decide
from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.follow_up_tasks import Task, close_task, open_tasks
from gateway.actions.house import House
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import register_source
from gateway.actions.reviews import ReviewPage, read_review
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.demo.documents import Documents
from gateway.demo.loopback import served
from gateway.errors import Conflict, InputError, NotAllowed, NotFound
from gateway.records.decision import Decision, Outcome
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger, outbox
from gateway.store.database import Database
from gateway.store.tables import FetchRun
from gateway.worker.run import do_what_is_due
from tests.fhir_builders import Json, dispense, patient, statement
from tests.integration.test_review_actions import NOW, PASSWORD, pharmacist

__all__ = ["pharmacist"]

SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
NUMBER = "9990000018"
LAST_ISSUED = "https://fhir.nhs.uk/R4/StructureDefinition/Extension-MedicationStatementLastIssueDate-1"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def day(n: int) -> str:
    return (NOW + dt.timedelta(days=n)).date().isoformat()


def listed(medicine: str, dose: str, issued: int) -> Json:
    extension = [{"url": LAST_ISSUED, "valueDateTime": day(issued)}]
    return statement(medicine.split()[0].lower(), medicine, dose=dose, extension=extension)


class Record:
    """One organisation's FHIR server; what it holds, and whether it answers, can be changed between fetches."""

    def __init__(self, *held: Json) -> None:
        self.held, self.down, self.refuses = list(held), False, False
        self.documents = Documents()
        self.refuses_documents = 0

    async def take(self, request: Request) -> Response:
        if self.refuses_documents:
            issue = {"severity": "error", "code": "forbidden"}
            return _answer({"resourceType": "OperationOutcome", "issue": [issue]}, self.refuses_documents)
        return await self.documents.take(request)

    async def search(self, request: Request) -> Response:
        if self.down or self.refuses:
            return _answer({"resourceType": "OperationOutcome", "issue": []}, 503 if self.down else 403)
        kind = request.path_params["kind"]
        found = [r for r in (patient(nhs=NUMBER), *self.held) if r["resourceType"] == kind]
        link = [{"relation": "self", "url": f"{request.base_url}{kind}?patient=p1&identifier={NUMBER}"}]
        entries = [{"resource": r, "search": {"mode": "match"}} for r in found]
        return _answer(
            {"resourceType": "Bundle", "type": "searchset", "total": len(found), "link": link, "entry": entries}
        )

    @property
    def application(self) -> Starlette:
        async def metadata(_: Request) -> Response:
            kinds = ("Patient", "MedicationStatement", "MedicationDispense", "MedicationRequest")
            resources = [{"type": t, "interaction": [{"code": "search-type"}]} for t in kinds]
            rest = [{"mode": "server", "resource": resources}]
            return _answer({"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest})

        return Starlette(
            routes=[
                Route("/metadata", metadata),
                Route("/Bundle", self.take, methods=["POST"]),
                Route("/{kind}/_search", self.search, methods=["POST"]),
                Route("/{kind}", self.search),
            ]
        )


def _answer(tree: Json, status: int = 200) -> Response:
    return Response(json.dumps(tree), status, media_type="application/fhir+json")


class Site:
    """A patient with simvastatin stopped and apixaban continued, signed; a practice and a pharmacy; a clock."""

    def __init__(self, database: Database, knowledge: Knowledge, by: Person, gp: Record, pharmacy: Record) -> None:
        self.database, self.knowledge, self.by, self.gp, self.pharmacy = database, knowledge, by, gp, pharmacy
        self.at = NOW
        self.review = ""

    async def _in_house(self, act: str) -> object:
        async with Connections(SETTINGS, lambda: self.at) as connections:
            house = House(
                settings=SETTINGS, database=self.database, knowledge=self.knowledge, connections=connections,
                now=lambda: self.at,
            )  # fmt: skip
            if act == "fetch":
                return await fetch_patient(
                    self.database, SETTINGS, self.knowledge, connections, nhs_number=NUMBER, now=house.now
                )
            return await do_what_is_due(house)

    def _run(self, act: str) -> object:
        # In a thread of its own: where a browser is open, an event loop runs in this one.
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: asyncio.run(self._in_house(act))).result()

    def fetch(self) -> str:
        return str(self._run("fetch"))

    def work(self, after: dt.timedelta = dt.timedelta()) -> object:
        self.at += after
        return self._run("work")

    @property
    def page(self) -> ReviewPage:
        with self.database.read() as connection:
            return read_review(connection, self.review)

    def decide_and_sign(self) -> None:
        page = self.page
        for row in page.reconciliation.rows:
            stop = row.medicine == "simvastatin"
            decision = (
                Decision(row=row.id, outcome=Outcome.STOP, reason="allergy")
                if stop
                else Decision(row=row.id, outcome=Outcome.CONTINUE, as_on=(row.entries[0],))
            )
            standing = page.decisions.get(row.id)
            decide(
                self.database, review=self.review, decision=decision, by=self.by, now=self.at,
                expected_version=standing.version if standing else 0,
            )  # fmt: skip
        self.sign()

    def sign(self) -> None:
        sign_review(
            self.database, review=self.review, expected_version=self.page.version, override="seen", by=self.by,
            now=self.at,
        )  # fmt: skip

    @property
    def tasks(self) -> tuple[Task, ...]:
        return open_tasks(self.database, by=self.by)

    def states(self) -> list[tuple[object, str]]:
        with self.database.read() as connection:
            pieces = outbox.pieces_of(connection, self.review, "follow-up")
        return [(one.details["day"], one.state) for one in pieces]

    def fetches(self) -> int:
        with self.database.read() as connection:
            return len(connection.execute(select(FetchRun.__table__)).all())  # type: ignore[attr-defined]

    def kinds(self) -> Counter[str]:
        with self.database.read() as connection:
            assert ledger.verify(connection) == ()
            kinds = (e.act.kind for e in ledger.entries(connection))
            return Counter(k for k in kinds if k.startswith(("follow-up.", "task.")))


SIMVASTATIN = ("Simvastatin 40mg tablets", "One tablet at night")
APIXABAN = ("Apixaban 5mg tablets", "One tablet twice a day")


@contextmanager
def signed(database: Database, knowledge: Knowledge, by: Person) -> Iterator[Site]:
    gp = Record(listed(*SIMVASTATIN, -20), listed(*APIXABAN, -20))
    pharmacy = Record(dispense("d1", SIMVASTATIN[0], handed=day(-20), dosageInstruction=[{"text": SIMVASTATIN[1]}]))
    with served({"gp": gp.application, "pharmacy": pharmacy.application}) as addresses:
        for name, kind in (("gp", "gp"), ("pharmacy", "community-pharmacy")):
            register_source(
                database, now=NOW, name=name, organisation=f"The {name}", kind=kind, base_url=addresses[name],
                dialect="generic-r4", fhir_version="4.0.1",
            )  # fmt: skip
        site = Site(database, knowledge, by, gp, pharmacy)
        site.review = site.fetch()
        assert site.page.reconciliation.complete, [x.written.causes for x in site.page.reconciliation.lists]
        site.decide_and_sign()
        yield site


DAYS = dt.timedelta(days=1)


def test_a_stopped_medicine_handed_over_again_is_a_task_with_its_entry_and_date(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        assert site.work(6 * DAYS) == {}
        site.pharmacy.held.append(
            dispense("d2", SIMVASTATIN[0], handed=day(5), dosageInstruction=[{"text": SIMVASTATIN[1]}])
        )
        assert site.work(1 * DAYS) == {"done": 1}
        (task,) = site.tasks
        assert (task.what, task.day, task.patient, task.review) == ("stopped-issued", 7, "Ann Example", site.review)
        assert "Community pharmacy (The pharmacy) handed it over on 29-Nov-2026" in task.words
        assert [(e.entry, e.dated) for e in task.evidence] == [("pharmacy/MedicationDispense/d2", day(5))]
        # the review stays signed: what happened after discharge is a task, not another review
        assert (site.page.state, site.fetches()) == ("signed", 4)

        # on day 14 the same finding is not raised a second time
        assert site.work(7 * DAYS) == {"done": 1}
        assert list(site.tasks) == [task]
        assert site.states() == [(7, "done"), (14, "done")]

        with pytest.raises(InputError, match="what was done"):
            close_task(database, task=task.id, reason=" ", by=pharmacist, now=site.at)
        close_task(database, task=task.id, reason="Rang the pharmacy", by=pharmacist, now=site.at)
        assert list(site.tasks) == []
        with pytest.raises(Conflict, match="closed"):
            close_task(database, task=task.id, reason="Rang the pharmacy", by=pharmacist, now=site.at)
        with pytest.raises(NotFound):
            close_task(database, task="x", reason="Rang the pharmacy", by=pharmacist, now=site.at)
        assert site.kinds() == {"follow-up.scheduled": 1, "follow-up.done": 2, "task.raised": 1, "task.closed": 1}


def test_a_patient_for_whom_all_is_well_is_nobodys_task(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.held = [listed(*APIXABAN, 6)]
        assert site.work(14 * DAYS) == {"done": 2}
        assert list(site.tasks) == []


def test_a_list_that_does_not_come_is_asked_for_again_and_becomes_a_task_after_a_day(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.down = True
        site.pharmacy.held.append(dispense("d2", SIMVASTATIN[0], handed=day(5)))
        assert site.work(7 * DAYS) == {"waiting": 1}
        # what the list that came shows is not held back
        assert [t.what for t in site.tasks] == ["stopped-issued"]
        for _ in range(30):
            site.work(dt.timedelta(hours=1))
        assert [t.what for t in site.tasks] == ["stopped-issued", "not-checked"]
        assert "The gp: not received" in site.tasks[1].words
        assert "(503)" in site.tasks[1].words
        assert site.states() == [(7, "done"), (14, "waiting")]


def test_a_list_that_comes_late_leaves_no_task_behind(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.down = True
        assert site.work(7 * DAYS) == {"waiting": 1}
        site.gp.down = False
        assert site.work(dt.timedelta(minutes=1)) == {"done": 1}
        assert list(site.tasks) == []


def test_a_list_that_is_withheld_is_a_task_at_once(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.refuses = True
        assert site.work(7 * DAYS) == {"done": 1}
        assert [t.what for t in site.tasks] == ["not-checked"]
        assert "withheld" in site.tasks[0].words
        # closed on day 7, it does not speak for day 14
        close_task(database, task=site.tasks[0].id, reason="Rang the practice", by=pharmacist, now=site.at)
        assert site.work(7 * DAYS) == {"done": 1}
        assert [(t.what, t.day) for t in site.tasks] == [("not-checked", 14)]


def test_no_list_at_all_is_a_task_too(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.down = site.pharmacy.down = True
        for _ in range(33):
            site.work(dt.timedelta(hours=6) if site.at < NOW + 7 * DAYS else dt.timedelta(hours=1))
        for _ in range(24):
            site.work(dt.timedelta(hours=1))
        (task,) = site.tasks
        assert task.what == "not-checked"
        assert "No list was received from any organisation" in task.words


def test_opening_again_withdraws_the_checks_and_signing_plans_them_anew(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.at += 1 * DAYS
        reopen_review(
            database, review=site.review, expected_version=site.page.version, reason="a mistake", by=pharmacist,
            now=site.at,
        )  # fmt: skip
        assert site.states() == [(7, "withdrawn"), (14, "withdrawn")]
        site.at += 1 * DAYS
        site.sign()
        assert [s for _, s in site.states()] == ["withdrawn", "withdrawn", "waiting", "waiting"]
        assert site.work(5 * DAYS) == {}  # day 7 of the first signature
        assert site.work(2 * DAYS) == {"done": 1}
        assert site.kinds()["follow-up.withdrawn"] == 2


def test_a_source_change_before_discharge_opens_the_review_again_and_withdraws_the_checks(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with signed(database, knowledge, pharmacist) as site:
        site.gp.held.append(listed("Ramipril 5mg capsules", "One capsule once a day", -1))
        new = site.fetch()
        assert new != site.review
        assert site.page.state == "replaced"
        assert site.states() == [(7, "withdrawn"), (14, "withdrawn")]


def test_only_a_pharmacist_sees_and_closes_tasks(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    clerk = create_account(database, name="c", display_name="C", role="audit-clerk", password=PASSWORD, now=NOW)
    with pytest.raises(NotAllowed):
        open_tasks(database, by=clerk)
    with pytest.raises(NotAllowed):
        close_task(database, task="x", reason="y", by=clerk, now=NOW)


def test_days_are_a_setting_and_may_be_none(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    assert Settings.from_environment({"GATEWAY_FOLLOW_UP_DAYS": "3, 28"}).follow_up_days == (3, 28)
    assert Settings.from_environment({"GATEWAY_FOLLOW_UP_DAYS": ""}).follow_up_days == ()
    with signed(database, knowledge, pharmacist) as site:
        reopen_review(
            database, review=site.review, expected_version=site.page.version, reason="a mistake", by=pharmacist,
            now=site.at,
        )  # fmt: skip
        sign_review(
            database, review=site.review, expected_version=site.page.version, override="seen", by=pharmacist,
            now=site.at, follow_up_days=(),
        )  # fmt: skip
        assert {state for _, state in site.states()} == {"withdrawn"}
