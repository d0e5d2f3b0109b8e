"""Stays as odd hospitals tell them, over HTTP and on both databases: set aside, moved, in places looked up, undated."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.actions.access import Person
from gateway.actions.keep_stay import Kept, keep_arrivals
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import register_source, registered_sources
from gateway.actions.reviews import open_review
from gateway.actions.take_arrivals import SourceArrivals, take_arrivals
from gateway.actions.worklist import WorklistLine, set_aside, worklist
from gateway.demo.loopback import served
from gateway.fhir.arrivals import arrivals
from gateway.records.nhs_number import SYSTEM
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import LedgerRow
from tests.integration.test_review_actions import NOW, knowledge, pharmacist, reconciliation

__all__ = ["knowledge", "pharmacist", "reconciliation"]

SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
#: Two numbers whose check digit holds, and one whose does not.
ANN, BOB, WRONG = "9990000018", "9990147213", "9990000019"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
PLACE = "http://terminology.hl7.org/CodeSystem/location-physical-type"

Json = dict[str, Any]


class Hospital:
    """`held` by TYPE/ID; `down` refuses every search."""

    def __init__(self) -> None:
        self.held: dict[str, Json] = {}
        self.down = False
        self.app = Starlette(routes=[Route("/{kind}/_search", self._search, methods=["POST"])])

    async def _search(self, request: Request) -> Response:
        if self.down:
            return JSONResponse({"resourceType": "OperationOutcome", "issue": []}, 503)
        form = await request.form()
        ids, statuses = (set(str(form.get(f, "")).split(",")) - {""} for f in ("_id", "status"))
        found = [r for r in self.held.values() if r["resourceType"] == request.path_params["kind"]]
        found = [r for r in found if (not ids or r["id"] in ids) and (not statuses or r.get("status") in statuses)]
        entries = [{"resource": one, "search": {"mode": "match"}} for one in found]
        bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
        return JSONResponse(bundle, media_type="application/fhir+json")

    def put(self, *resources: Json) -> None:
        self.held |= {f"{one['resourceType']}/{one['id']}": one for one in resources}


def who(key: str, number: str | None) -> Json:
    numbers = [{"system": SYSTEM, "value": number}] if number else []
    return {"resourceType": "Patient", "id": key, "identifier": numbers, "name": [{"text": f"{key} Example"}],
            "gender": "female", "birthDate": "1950-01-01"}  # fmt: skip


def stay(key: str, *, ward: str = "Ward 3", bed: str | None = "4", status: str = "in-progress", **more: Any) -> Json:
    places: list[Json] = [{"location": {"display": ward}}]
    if bed:
        places.append({"location": {"display": bed}, "physicalType": {"coding": [{"system": PLACE, "code": "bd"}]}})
    made = {
        "resourceType": "Encounter", "id": f"{key}-stay", "status": status, "class": {"system": ACT, "code": "IMP"},
        "subject": {"reference": f"Patient/{key}"}, "location": places,
        "period": {"start": "2026-11-23T20:00:00Z", "end": "2026-11-24T12:30:00+01:00"},
    }  # fmt: skip
    return {name: value for name, value in (made | more).items() if value is not None}


@pytest.fixture
def hospital(database: Database) -> Iterator[Hospital]:
    made = Hospital()
    with served({"hospital": made.app}) as addresses:
        register_source(database, now=NOW, name="hospital", organisation="The Hospital", kind="hospital",
                        base_url=addresses["hospital"], dialect="uk-core-r4", fhir_version="4.0.1")  # fmt: skip
        yield made


@pytest.fixture
def knowing() -> Knowledge:
    return load_knowledge()


def look(database: Database, knowing: Knowledge, by: Person | None = None) -> SourceArrivals:
    async def run() -> tuple[SourceArrivals, ...]:
        async with Connections(SETTINGS, lambda: NOW) as connections:
            return await take_arrivals(database, SETTINGS, knowing, connections, now=lambda: NOW, by=by)

    (found,) = asyncio.run(run())
    return found


def counts(one: SourceArrivals) -> tuple[int, int, int, int, int]:
    return one.new, one.changed, one.unchanged, one.ended, one.set_aside


def lines(database: Database, by: Person) -> dict[str, WorklistLine]:
    return {one.patient.name: one for one in worklist(database, by=by, now=NOW)}


def acts(database: Database, kind: str) -> list[Any]:
    with database.read() as connection:
        rows = connection.execute(select(LedgerRow.__table__)).all()  # type: ignore[attr-defined]
    return [row for row in rows if row.kind == kind]


@pytest.mark.parametrize(
    ("resources", "cause"),
    [
        ([who("ann", None), stay("ann")], "the patient has no NHS number"),
        ([who("ann", WRONG), stay("ann")], "NHS number"),
        ([stay("ann")], "its Patient was not received"),
        ([stay("ann", subject=None)], "the stay names no patient"),
    ],
    ids=["no-number", "wrong-check-digit", "no-patient-resource", "no-subject"],
)
def test_who_cannot_be_asked_for_is_set_aside_with_the_cause_and_comes_back_with_a_number(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person, resources: list[Json], cause: str
) -> None:
    hospital.put(*resources)
    for _ in range(2):
        assert look(database, knowing).set_aside == 1
    (aside,) = set_aside(database, by=pharmacist)
    assert cause in aside.cause
    assert (aside.ward, aside.bed, aside.organisation) == ("Ward 3", "4", "The Hospital")
    assert lines(database, pharmacist) == {}
    assert len(acts(database, "stay.set-aside")) == 1

    hospital.put(who("ann", ANN), stay("ann"))
    assert look(database, knowing).changed == 1
    assert set_aside(database, by=pharmacist) == ()
    assert set(lines(database, pharmacist)) == {"ann Example"}


def test_a_transfer_moves_the_line_and_leaves_no_bed_of_the_old_ward(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person
) -> None:
    hospital.put(who("ann", ANN), stay("ann"))
    look(database, knowing)
    hospital.put(stay("ann", ward="Ward 9", bed=None))
    assert counts(look(database, knowing)) == (0, 1, 0, 0, 0)
    ann = lines(database, pharmacist)["ann Example"].patient
    assert (ann.ward, ann.bed) == ("Ward 9", None)


def test_places_that_are_only_referred_to_are_looked_up(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person
) -> None:
    bed = {"coding": [{"system": PLACE, "code": "bd"}]}
    hospital.put(
        who("ann", ANN),
        stay("ann", location=[{"location": {"reference": f"Location/{x}"}} for x in ("w7", "b2")]),
        {"resourceType": "Location", "id": "w7", "name": "Ward 7 Renal"},
        {"resourceType": "Location", "id": "b2", "name": "Bed 2", "physicalType": bed},
    )
    look(database, knowing)
    ann = lines(database, pharmacist)["ann Example"].patient
    assert (ann.ward, ann.bed) == ("Ward 7 Renal", "Bed 2")


def test_an_encounter_that_was_already_read_is_kept_the_same_way(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person
) -> None:
    (source,) = registered_sources(database)
    read = arrivals([who("ann", ANN), stay("ann")], "hospital")
    for expected in (Kept.NEW, Kept.UNCHANGED):
        assert keep_arrivals(database, source=source.id, arrivals=read, system=SYSTEM, now=NOW) == (expected,)
    hospital.put(who("ann", ANN), stay("ann"))
    assert counts(look(database, knowing)) == (0, 0, 1, 0, 0), "by another door it is the same stay"


def test_words_of_a_record_are_kept_without_control_characters(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person
) -> None:
    hospital.put(who("ann", ANN), stay("ann", ward="Ward\x003\n" + "x" * 500, period={"start": "not a day"}))
    look(database, knowing)
    ann = lines(database, pharmacist)["ann Example"]
    assert ann.patient.ward is not None
    assert ann.patient.ward.startswith("Ward 3 xxx")
    assert len(ann.patient.ward) <= 200
    assert ann.admitted_at is None
    assert ann.clock.words == "hour of admission not recorded"


@pytest.mark.parametrize(
    ("start", "admitted"), [("2026-11-23T20:00:00Z", "2026-11-23T20:00:00+00:00"), ("2026-11-23", "2026-11-23")]
)
def test_a_review_says_when_its_patient_was_admitted(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person, reconciliation: Reconciliation,
    start: str, admitted: str,
) -> None:  # fmt: skip
    earlier = stay("ann", period={"start": "2026-11-01T08:00:00Z"}) | {"id": "earlier"}
    hospital.put(who("ann", ANN), earlier, stay("ann", period={"start": start}))
    look(database, knowing)
    patient = lines(database, pharmacist)["ann Example"].patient.id
    review = open_review(database, patient=patient, reconciliation=reconciliation, now=NOW)
    with database.read() as connection:
        (made,) = [e.act for e in ledger.entries(connection, subject=review) if e.act.kind == "review.made"]
    assert made.payload["admitted_at"] == admitted
    assert lines(database, pharmacist)["ann Example"].review == review


def test_the_clock_of_a_day_without_an_hour_is_not_guessed(
    database: Database, hospital: Hospital, knowing: Knowledge, pharmacist: Person
) -> None:
    hospital.put(who("ann", ANN), stay("ann", period={"start": "2026-11-20", "end": "2026-11-24"}))
    look(database, knowing)
    ann = lines(database, pharmacist)["ann Example"]
    assert (ann.clock.late, ann.left) == (False, None)
    assert dt.date.fromisoformat(ann.patient.discharge_at or "") == dt.date(2026, 11, 24)
