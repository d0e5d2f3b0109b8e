"""Patients arrive from the hospital's Encounters over HTTP: again and again, set aside with their cause, never lost."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner
from sqlalchemy import Row, select

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.keep_stay import Kept, keep_arrivals
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import change_source, register_source
from gateway.actions.take_arrivals import SourceArrivals, take_arrivals
from gateway.actions.worklist import WorklistLine, identifier_of, set_aside, worklist
from gateway.cli import gateway
from gateway.demo.stories import Stories, load_stories
from gateway.errors import NotAllowed, NotFound
from gateway.fhir.arrivals import arrivals
from gateway.records.nhs_number import SYSTEM
from gateway.review.board import Status
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger
from gateway.store.database import Database, open_database
from gateway.store.tables import Stay
from tests.integration.conftest import organisations_of

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
STORIES = load_stories()
PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture
def pharmacist(database: Database) -> Person:
    return create_account(database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=NOW)


def register(database: Database, url: str, **fields: Any) -> str:
    given = {"name": "hospital", "kind": "hospital", "dialect": "uk-core-r4", "fhir_version": "4.0.1"} | fields
    return register_source(database, now=NOW, organisation="St Aldate's Hospital", base_url=url, **given).id


def look(database: Database, knowledge: Knowledge, by: Person | None = None) -> tuple[SourceArrivals, ...]:
    async def run() -> tuple[SourceArrivals, ...]:
        async with Connections(SETTINGS, lambda: NOW) as connections:
            return await take_arrivals(database, SETTINGS, knowledge, connections, now=lambda: NOW, by=by)

    return asyncio.run(run())


def stays(database: Database) -> dict[str, Row[Any]]:
    with database.read() as connection:
        return {row.encounter: row for row in connection.execute(select(Stay.__table__))}  # type: ignore[attr-defined]


def kinds(database: Database) -> list[str]:
    with database.read() as connection:
        return [e.act.kind for e in ledger.entries(connection) if e.act.kind.startswith("stay.")]


def line(database: Database, by: Person, name: str) -> WorklistLine:
    return next(one for one in worklist(database, by=by, now=NOW) if one.patient.name == name)


def without(stories: Stories, key: str) -> Stories:
    return msgspec.structs.replace(stories, patients=tuple(p for p in stories.patients if p.key != key))


def test_everybody_in_hospital_is_on_the_board_and_doing_it_again_changes_nothing(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with organisations_of(STORIES, NOW) as hospitals:
        register(database, hospitals.addresses["hospital"])
        (first,) = look(database, knowledge, pharmacist)
        acts = kinds(database)
        (again,) = look(database, knowledge, pharmacist)
    people, visitors = len(STORIES.patients), len(STORIES.visitors)
    assert (first.new, first.set_aside, first.causes) == (people, visitors, ())
    assert (again.new, again.changed, again.ended, again.unchanged) == (0, 0, 0, people)
    assert kinds(database) == acts == ["stay.begun"] * people + ["stay.set-aside"] * visitors

    lines = worklist(database, by=pharmacist, now=NOW)
    assert {one.patient.nhs_number for one in lines} == {one.nhs_number for one in STORIES.patients}
    assert {one.status for one in lines} == {Status.NOT_FETCHED}
    assert [one.patient.discharge_at for one in lines] == sorted(one.patient.discharge_at or "" for one in lines)
    doris, late = line(database, pharmacist, "Doris Hargreaves"), lines[0]
    assert (doris.patient.ward, doris.patient.bed) == ("Ward 12 Cardiology", "C4")
    assert doris.left is not None
    assert doris.left.words == "in 4 h"
    assert (late.late, late.left and late.left.words) == (True, "42 min late")
    assert line(database, pharmacist, "Simone Delacroix").clock.words == "9 h 36 min left of 24 h"
    assert identifier_of(database, patient=doris.patient.id, by=pharmacist) == "9990147213"

    (aside,) = set_aside(database, by=pharmacist)
    assert (aside.name, aside.ward, aside.bed) == ("Chiara Marchetti", "Ward 3 Medicine", "8")
    assert aside.cause == "the patient has no NHS number"


def test_who_was_fetched_by_number_before_is_the_same_patient(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with organisations_of(STORIES, NOW) as hospitals:
        register(database, hospitals.addresses["hospital"])

        async def fetch() -> str:
            async with Connections(SETTINGS, lambda: NOW) as connections:
                return await fetch_patient(
                    database, SETTINGS, knowledge, connections, nhs_number="9990147213", now=lambda: NOW
                )  # fmt: skip

        review = asyncio.run(fetch())
        before = line(database, pharmacist, "Doris Hargreaves")
        (found,) = look(database, knowledge)
    assert (found.new, found.unchanged) == (len(STORIES.patients) - 1, 1)
    after = line(database, pharmacist, "Doris Hargreaves")
    assert (before.review, before.admitted_at) == (review, "2026-11-19T10:00:00+00:00")
    assert after == before
    assert (after.status, after.patient.bed) == (Status.NOT_STARTED, "C4")


def test_a_stay_that_is_over_is_closed_and_kept(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    """The hospital does not mention it any more among those under way, and says by its id that it is finished."""
    with organisations_of(STORIES, NOW) as hospitals:
        source = register(database, hospitals.addresses["hospital"])
        look(database, knowledge)
        known = next(row for row in stays(database).values() if row.encounter == "hargreaves-admission")
        finished = [
            {"resourceType": "Encounter", "id": "hargreaves-admission", "status": "finished", "class": {"code": "IMP"},
             "subject": {"reference": "Patient/hargreaves"}, "period": {"end": "2026-11-24T09:30:00Z"}}
        ]  # fmt: skip
        kept = keep_arrivals(
            database, source=source, arrivals=arrivals(finished, "hospital"), system=SYSTEM, now=NOW
        )  # fmt: skip
    assert kept == (Kept.ENDED,)
    row = stays(database)["hargreaves-admission"]
    assert (row.id, row.patient, row.ward, row.status) == (known.id, known.patient, known.ward, "finished")
    assert row.ended_at == "2026-11-24T09:30:00+00:00"
    gone = line(database, pharmacist, "Doris Hargreaves")
    assert (gone.status, gone.left, gone.review) == (Status.LEFT, None, None)


def test_a_finished_stay_is_asked_for_by_its_id(database: Database, knowledge: Knowledge) -> None:
    over = msgspec.structs.replace(STORIES, finished=("hargreaves",))
    with organisations_of(STORIES, NOW) as before, organisations_of(over, NOW) as after:
        source = register(database, before.addresses["hospital"])
        look(database, knowledge)
        move(database, source, after.addresses["hospital"])
        (found,) = look(database, knowledge)
    assert (found.ended, found.unchanged, found.causes) == (1, len(STORIES.patients) - 1, ())
    assert stays(database)["hargreaves-admission"].status == "finished"


def test_a_stay_that_is_not_mentioned_is_not_taken_to_be_over(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with organisations_of(STORIES, NOW) as before, organisations_of(without(STORIES, "hargreaves"), NOW) as after:
        source = register(database, before.addresses["hospital"])
        look(database, knowledge)
        move(database, source, after.addresses["hospital"])
        (found,) = look(database, knowledge)
    assert found.ended == 0
    assert stays(database)["hargreaves-admission"].ended_at is None
    assert line(database, pharmacist, "Doris Hargreaves").status is Status.NOT_FETCHED


def move(database: Database, source: str, url: str) -> None:
    change_source(database, source=source, fields={"base_url": url}, now=NOW)


def test_a_hospital_that_does_not_answer_is_said_and_closes_nothing(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    with organisations_of(STORIES, NOW) as hospitals:
        register(database, hospitals.addresses["hospital"])
        look(database, knowledge)
    (found,) = look(database, knowledge)
    assert found.causes == ("it could not be reached",)
    assert (found.new, found.ended) == (0, 0)
    assert len(worklist(database, by=pharmacist, now=NOW)) == len(STORIES.patients)


def test_a_patient_set_aside_comes_onto_the_list_with_the_number(database: Database, pharmacist: Person) -> None:
    source = register(database, "http://127.0.0.1:9")
    stay = {
        "resourceType": "Encounter", "id": "e1", "status": "in-progress", "class": {"code": "IMP"},
        "subject": {"reference": "Patient/p1"}, "location": [{"location": {"display": "Ward\u0000 9"}}],
    }  # fmt: skip
    person: dict[str, Any] = {"resourceType": "Patient", "id": "p1", "name": [{"text": "Ann Example"}]}

    def keep(patient: dict[str, Any]) -> tuple[Kept, ...]:
        told = arrivals([stay, patient], "hospital")
        return keep_arrivals(database, source=source, arrivals=told, system=SYSTEM, now=NOW)

    assert keep(person) == (Kept.SET_ASIDE,)
    assert keep(person) == (Kept.SET_ASIDE,)
    assert [one.name for one in set_aside(database, by=pharmacist)] == ["Ann Example"]
    assert worklist(database, by=pharmacist, now=NOW) == ()
    assert keep(person | {"identifier": [{"system": SYSTEM, "value": "9990000018"}]}) == (Kept.CHANGED,)
    assert set_aside(database, by=pharmacist) == ()
    ann = line(database, pharmacist, "Ann Example")
    assert (ann.patient.ward, ann.clock.words) == ("Ward  9", "hour of admission not recorded")
    assert kinds(database) == ["stay.set-aside", "stay.changed"]


def test_a_source_of_another_kind_is_not_asked(database: Database, knowledge: Knowledge) -> None:
    register(database, "http://127.0.0.1:9", name="gp", kind="gp", dialect="gp-connect-stu3")
    assert look(database, knowledge) == ()


def test_only_a_pharmacist_asks_and_the_work_is_in_the_ledger(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    clerk = create_account(database, name="cas", display_name="Cas", role="audit-clerk", password=PASSWORD, now=NOW)
    for refused in (lambda: look(database, knowledge, clerk), lambda: set_aside(database, by=clerk)):
        with pytest.raises(NotAllowed):
            refused()
    with pytest.raises(NotFound):
        identifier_of(database, patient="nobody", by=pharmacist)
    look(database, knowledge, pharmacist)
    with database.read() as connection:
        acts = [e.act for e in ledger.entries(connection) if e.act.kind == "arrivals.looked-for"]
    assert [(act.actor, act.role) for act in acts] == [(pharmacist.account, "pharmacist")]


def test_the_command_says_who_came(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'g.sqlite3'}"
    monkeypatch.setenv("GATEWAY_DATABASE_URL", url)
    monkeypatch.setenv("GATEWAY_ALLOWED_NETWORKS", "127.0.0.0/8")
    empty = CliRunner().invoke(gateway, ["arrivals"])
    assert (empty.exit_code, "No hospital is registered" in empty.output) == (3, True)
    database = open_database(url)
    with organisations_of(STORIES, NOW) as hospitals:
        register(database, hospitals.addresses["hospital"])
        said = CliRunner().invoke(gateway, ["arrivals"])
    database.close()
    assert said.exit_code == 0
    assert said.output == "St Aldate's Hospital: 15 new, 0 changed, 0 left, 0 as before, 1 set aside\n"
