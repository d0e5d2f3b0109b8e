"""A patient fetched from the demo's three organisations over HTTP, kept in SQLite, and opened as a review."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import html
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import Row, select, update

from gateway.actions.accounts import create_account
from gateway.actions.failed_fetch import failed_since
from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.reconciliation_json import as_json
from gateway.actions.register_source import as_system, register_source, registered_sources
from gateway.actions.reviews import ReviewPage, read_review
from gateway.actions.sign_in import sign_in
from gateway.app import create_app
from gateway.demo.records_stu3 import structured_record
from gateway.demo.stories import CodedCondition, Stories, StoryName, StoryPatient, load_stories
from gateway.errors import InputError, PatientMismatch
from gateway.records.lists import ListState, MedicineList
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger
from gateway.store.database import Database, open_database
from gateway.store.tables import AuditCase, Document, FetchRun, Patient, Review, Source
from gateway.web.asked import COOKIE
from tests.integration.conftest import Organisations, organisations_of

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
STORIES = load_stories()
PASSWORD = "violet engine plain"
PEOPLE = {one.key: one for one in STORIES.patients}
LISTS = ("gp", "hospital", "pharmacy")
#: Whose hospital record codes a heart attack (MINAP); eye drops and "chest pain" put nobody into an audit.
IN_MINAP = {"hargreaves", "thistlewood", "castellano", "nakamura", "whitcombe"}
#: list state other than complete, by story, as a pharmacist would expect it from the story
INCOMPLETE = {
    ("nakamura", "pharmacy"): (ListState.FAILED, "error of its own (503)"),
    ("delacroix", "gp"): (ListState.WITHHELD, "refused to give the structured record (403)"),
    ("macallister", "pharmacy"): (ListState.PARTIAL, "page 2 of MedicationDispense is missing"),
}
EACH = pytest.mark.parametrize("key", PEOPLE)


class Fetches:
    """The database with every story fetched, and the review of each."""

    def __init__(self, database: Database, reviews: dict[str, str]) -> None:
        self.database, self.reviews = database, reviews

    def page(self, key: str) -> ReviewPage:
        with self.database.read() as connection:
            return read_review(connection, self.reviews[key])

    def lists(self, key: str) -> dict[str, MedicineList]:
        return {one.name: one for one in self.page(key).reconciliation.lists}

    def runs(self, key: str) -> dict[str, Row[Any]]:
        return runs_of(self.database, self.page(key).patient.id)


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture(scope="module")
def fetches(knowledge: Knowledge, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fetches]:
    """All fifteen at the same time, as when a ward's list is opened."""
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('fetches') / 'gateway.sqlite3'}")
    with organisations_of(STORIES, NOW) as organisations:
        register(database, organisations)
        found = fetch(database, knowledge, *(one.nhs_number for one in STORIES.patients))
    yield Fetches(database, dict(zip(PEOPLE, found, strict=True)))
    database.close()


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    yield opened
    opened.close()


def register(database: Database, organisations: Organisations) -> None:
    for name, kind, dialect, version in (
        ("gp", "gp", "gp-connect-stu3", "3.0.1"),
        ("hospital", "hospital", "uk-core-r4", "4.0.1"),
        ("pharmacy", "community-pharmacy", "uk-core-r4", "4.0.1"),
    ):
        register_source(
            database, now=NOW, name=name, organisation=STORIES.organisations[name].name, kind=kind,
            base_url=organisations.addresses[name], dialect=dialect, fhir_version=version,
        )  # fmt: skip


def fetch(
    database: Database, knowledge: Knowledge, *numbers: str, settings: Settings = SETTINGS, at: dt.datetime = NOW
) -> list[str]:
    async def run() -> list[str]:
        async with Connections(settings, lambda: at) as ways:
            asked = (
                fetch_patient(database, settings, knowledge, ways, nhs_number=number, now=lambda: at)
                for number in numbers
            )
            return list(await asyncio.gather(*asked))

    return asyncio.run(run())


def move(database: Database, organisations: Organisations) -> None:
    """The organisations answer again, at other ports."""
    with database.write() as connection:
        for name, address in organisations.addresses.items():
            table = Source.__table__  # type: ignore[attr-defined]
            row = connection.execute(select(table).where(table.c.name == name)).one()
            path = httpx.URL(row.base_url).path
            connection.execute(
                update(table).where(table.c.id == row.id).values(base_url=f"{httpx.URL(address).join(path)}")
            )


def all_of(database: Database, table: Any) -> Sequence[Row[Any]]:
    with database.read() as connection:
        return connection.execute(select(table.__table__)).all()


def runs_of(database: Database, patient: str) -> dict[str, Row[Any]]:
    names = {row.id: row.name for row in all_of(database, Source)}
    return {names[run.source]: run for run in all_of(database, FetchRun) if run.patient == patient}


def changed(key: str, **fields: Any) -> Stories:
    """The stories with one person told otherwise."""
    people = (msgspec.structs.replace(p, **fields) if p.key == key else p for p in STORIES.patients)
    return msgspec.structs.replace(STORIES, patients=tuple(people))


@EACH
def test_the_state_of_each_list_is_what_its_organisation_did(fetches: Fetches, key: str) -> None:
    lists, runs = fetches.lists(key), fetches.runs(key)
    assert set(lists) == set(runs) == set(LISTS)
    for name, one in lists.items():
        state, words = INCOMPLETE.get((key, name), (ListState.COMPLETE, ""))
        assert one.state is state, one.written.causes
        assert words in " | ".join(one.written.causes)
        assert bool(one.written.causes) == (state is not ListState.COMPLETE)
        assert runs[name].state == state.value
        assert tuple(json.loads(runs[name].causes)) == one.written.causes
    incomplete = {name for name, one in lists.items() if one.state is not ListState.COMPLETE}
    said = {d.evidence[0] for d in fetches.page(key).reconciliation.discrepancies if d.rule == "source-incomplete"}
    assert said == {f"{name}#state" for name in incomplete}


def test_causes_stand_in_one_order_whichever_answer_was_first(fetches: Fetches) -> None:
    """Two searches fail at once, each after its own jittered retries; the review must not depend on which was last."""
    assert fetches.lists("nakamura")["pharmacy"].written.causes == (
        "no list of medicines was received",
        "MedicationDispense: it reported an error of its own (503)",
        "MedicationRequest: it reported an error of its own (503)",
    )


def test_the_cases_above_are_the_troubles_of_the_stories() -> None:
    told = {
        (p.key, name)
        for p in STORIES.patients
        for name in LISTS
        if (t := getattr(p, name).trouble).down or t.refuses or t.loses_pages
    }
    assert told == set(INCOMPLETE)


def test_a_slow_organisation_is_waited_for_and_holds_up_no_other(fetches: Fetches) -> None:
    runs = fetches.runs("oyelaran")
    assert PEOPLE["oyelaran"].hospital.trouble.slow_s == 2.5
    assert runs["hospital"].milliseconds >= 2500
    assert max(runs["gp"].milliseconds, runs["pharmacy"].milliseconds) < 2500


@EACH
def test_every_medicine_of_the_story_is_on_its_list(fetches: Fetches, key: str) -> None:
    for name, one in fetches.lists(key).items():
        written = one.written
        assert written.received == len(written.entries) + len(written.set_aside) + len(written.quarantined)
        assert written.quarantined == ()
        told = sorted(m.name for m in getattr(PEOPLE[key], name).medicines)
        arrived = sorted(e.text for e in one.entries)
        if one.state is ListState.COMPLETE:
            assert arrived == told
        elif one.state is ListState.PARTIAL:
            assert arrived == told[:2]
        else:
            assert arrived == []
    in_rows = sorted(e for row in fetches.page(key).reconciliation.rows for e in row.entries)
    assert in_rows == sorted(e.id for one in fetches.lists(key).values() for e in one.entries)


@EACH
def test_documents_are_kept_as_they_came(fetches: Fetches, key: str) -> None:
    runs, lists = fetches.runs(key), fetches.lists(key)
    for name, run in runs.items():
        kept = {
            d.sha256: zlib.decompress(d.content) for d in all_of(fetches.database, Document) if d.fetch_run == run.id
        }
        assert [hashlib.sha256(content).hexdigest() for content in kept.values()] == list(kept)
        assert set(lists[name].written.documents) <= set(kept)
        assert all(entry.written.document in kept for entry in lists[name].entries)
        assert (run.received, run.entries) == (lists[name].written.received, len(lists[name].entries))
        if name == "gp" and run.state == "complete":
            record = structured_record(PEOPLE[key], STORIES.organisations["gp"].name, NOW)
            assert list(kept.values()) == [json.dumps(record).encode()]


@EACH
def test_the_banner_names_the_patient_and_the_stay(fetches: Fetches, key: str) -> None:
    told: StoryPatient = PEOPLE[key]
    banner = fetches.page(key).patient
    assert banner.nhs_number == told.nhs_number
    assert banner.name == f"{told.name.given} {told.name.family}"
    assert (banner.birth_date, banner.gender, banner.ward) == (told.born, told.gender, told.ward)
    assert banner.discharge_at == (NOW + dt.timedelta(hours=told.discharge_in_hours)).isoformat()


def test_audit_cases_are_opened_for_coded_heart_attacks_only(fetches: Fetches) -> None:
    people = {review: key for key, review in fetches.reviews.items()}
    assert {(people[c.review], c.pack) for c in all_of(fetches.database, AuditCase)} == {
        (key, "minap") for key in IN_MINAP
    }


def test_a_heart_attack_in_words_or_under_a_local_code_opens_no_case(empty: Database, knowledge: Knowledge) -> None:
    local = CodedCondition(code="G307.", display=STORIES.conditions["nstemi"].display)
    stories = msgspec.structs.replace(STORIES, conditions={**STORIES.conditions, "nstemi": local})
    with organisations_of(stories, NOW) as organisations:
        register(empty, organisations)
        fetch(empty, knowledge, PEOPLE["castellano"].nhs_number)
    assert len(all_of(empty, Review)) == 1
    assert all_of(empty, AuditCase) == []


def test_the_ledger_holds_each_attempt_and_verifies(fetches: Fetches) -> None:
    with fetches.database.read() as connection:
        assert ledger.verify(connection) == ()
        acts = [e.act for e in ledger.entries(connection) if e.act.kind == "source.fetched"]
    runs = {run.id: run for run in all_of(fetches.database, FetchRun)}
    assert len(runs) == 45
    assert sorted(act.item or "" for act in acts) == sorted(runs)
    for act in acts:
        assert act.payload["state"] == runs[act.item or ""].state
    numbers = [p.nhs_number for p in STORIES.patients]
    assert not [act for act in acts if any(n in json.dumps(act.payload) for n in numbers)]


def test_fetched_again_gives_the_same_reconciliation(fetches: Fetches, empty: Database, knowledge: Knowledge) -> None:
    """To the byte, as shown. The kept documents differ, because the servers' own addresses stand in them."""
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        (review,) = fetch(empty, knowledge, PEOPLE["hargreaves"].nhs_number)
    with empty.read() as connection:
        again = read_review(connection, review).reconciliation
    assert as_json(again) == as_json(fetches.page("hargreaves").reconciliation)


@pytest.mark.parametrize("number", ["9990147214", "999014721", "", "99901472I3", "9990147213 9990147213"])
def test_a_wrong_number_is_refused_and_nobody_is_asked(empty: Database, knowledge: Knowledge, number: str) -> None:
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        with pytest.raises(InputError, match="check digit"):
            fetch(empty, knowledge, number)
        assert organisations.asked == []
    assert all_of(empty, Patient) == []


def test_a_number_may_be_written_with_spaces(empty: Database, knowledge: Knowledge) -> None:
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        fetch(empty, knowledge, "999 014 7213")
    assert [p.name for p in all_of(empty, Patient)] == ["Doris Hargreaves"]


def test_a_patient_whom_nobody_knows_opens_no_review_and_the_attempts_are_kept(
    empty: Database, knowledge: Knowledge
) -> None:
    unknown = "9990000018"
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        with pytest.raises(InputError, match="No list was received") as told:
            fetch(empty, knowledge, unknown)
    assert told.value.words.count("does not know this patient") == 3
    assert unknown not in told.value.words
    assert all_of(empty, Review) == []
    assert [run.state for run in all_of(empty, FetchRun)] == ["failed"] * 3


def test_with_no_organisation_there_is_nobody_to_ask(empty: Database, knowledge: Knowledge) -> None:
    with pytest.raises(InputError, match="No organisation is registered"):
        fetch(empty, knowledge, PEOPLE["hargreaves"].nhs_number)


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ({"born": "1957-07-12"}, "birth dates differ"),
        ({"name": StoryName(prefix="Mrs", given="Anna", family="Smith")}, "names differ"),
    ],
    ids=["birth date", "name"],
)
def test_two_organisations_that_name_different_people_stop_the_review(
    empty: Database, knowledge: Knowledge, told: dict[str, Any], words: str
) -> None:
    """One NHS number, two people behind it: nothing is compared, and neither one's name or ward is kept as true."""
    with organisations_of(STORIES, NOW, pharmacy=changed("castellano", **told)) as organisations:
        register(empty, organisations)
        with pytest.raises(PatientMismatch, match=words) as error:
            fetch(empty, knowledge, PEOPLE["castellano"].nhs_number)
    assert "Castellano" not in error.value.words
    assert all_of(empty, Review) == []
    assert len(all_of(empty, FetchRun)) == 3
    (patient,) = all_of(empty, Patient)
    assert (patient.name, patient.birth_date, patient.ward, patient.discharge_at) == (
        "Name not received",
        None,
        None,
        None,
    )


def test_a_fetch_that_brings_no_name_takes_none_away(empty: Database, knowledge: Knowledge) -> None:
    number = PEOPLE["castellano"].nhs_number
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        fetch(empty, knowledge, number)
    # The organisations have gone; their addresses are still registered.
    with pytest.raises(InputError, match="could not be reached"):
        fetch(empty, knowledge, number)
    (patient,) = all_of(empty, Patient)
    assert (patient.name, patient.ward) == ("Bruno Castellano", PEOPLE["castellano"].ward)
    assert len(all_of(empty, FetchRun)) == 6


def test_a_source_without_its_own_deadline_has_the_sites(empty: Database, knowledge: Knowledge) -> None:
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        assert {as_system(one).deadline_s for one in registered_sources(empty)} == {None}
        fetch(empty, knowledge, PEOPLE["oyelaran"].nhs_number,
              settings=msgspec.structs.replace(SETTINGS, source_deadline_s=1.0))  # fmt: skip
    (patient,) = all_of(empty, Patient)
    run = runs_of(empty, patient.id)["hospital"]
    assert run.state == "failed"
    assert "within 1 seconds" in run.causes


def test_where_nothing_comes_any_more_the_review_says_that_it_is_not_current(
    empty: Database, knowledge: Knowledge, tmp_path: Path
) -> None:
    number, later = PEOPLE["castellano"].nhs_number, NOW + dt.timedelta(hours=3)
    with organisations_of(STORIES, NOW) as organisations:
        register(empty, organisations)
        (review,) = fetch(empty, knowledge, number)
    settings = Settings(secure_cookies=False, cache_dir=tmp_path)
    create_account(empty, name="pat", display_name="A Patel", role="pharmacist", password=PASSWORD, now=NOW)

    def page() -> str:
        token = sign_in(empty, settings, name="pat", password=PASSWORD, now=later)
        app = create_app(settings, database=empty, now=lambda: later)

        async def get() -> str:
            transport = httpx.ASGITransport(app)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://gateway", cookies={COOKIE: token}
            ) as client:
                answer = await client.get(f"/reviews/{review}")
            assert answer.status_code == 200
            return answer.text

        return asyncio.run(get())

    assert "Not current." not in page()
    with pytest.raises(InputError, match="could not be reached"):
        fetch(empty, knowledge, number, at=later)
    with empty.read() as connection:
        stored = read_review(connection, review)
    found = failed_since(empty, patient=stored.patient.id, since=stored.opened_at)
    assert found is not None
    assert dt.datetime.fromisoformat(found.at) == later
    assert len(found.causes) == 3
    shown = html.unescape(page())
    assert "Not current." in shown
    assert "and none came" in shown
    assert all(cause.split(":")[0] in shown for cause in found.causes)

    # Once any organisation answers again, what it gave is shown, and only its own absence is said of another.
    with organisations_of(STORIES, NOW) as organisations:
        move(empty, organisations)
        (newer,) = fetch(empty, knowledge, number, at=later + dt.timedelta(hours=1))
    with empty.read() as connection:
        stored = read_review(connection, newer)
    assert failed_since(empty, patient=stored.patient.id, since=stored.opened_at) is None
