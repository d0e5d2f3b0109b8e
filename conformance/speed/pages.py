"""What a page costs: asked over HTTP on loopback by a signed-in person, session, database and ledger row included."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from msgspec.structs import replace
from sqlalchemy import select

from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.house import House
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review, read_review
from gateway.actions.snapshot_summary import forget_summaries
from gateway.app import create_app, utc_now
from gateway.demo.loopback import served
from gateway.demo.register import register_demo_accounts, register_demo_sources
from gateway.demo.start import organisations
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.tables import Review

PASSWORD = "measured on loopback"

#: Patients of a large ward board.
WARD = 200

_REVIEWS = Review.__table__  # type: ignore[attr-defined]


def page_times(repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each of `repeats` warm requests, by page."""
    found: dict[str, list[float]] = {}
    with _signed_in() as (client, house):
        review = client.get("/worklist").text.partition('href="/reviews/')[2].partition('"')[0]
        pages = {"review": f"/reviews/{review}", "worklist of 1": "/worklist", "healthz, the floor": "/healthz"}
        found |= {name: _warm(client, address, repeats) for name, address in pages.items()}
        _fill(house, WARD)
        first = f"worklist of {WARD}, the first after a start"
        found[first] = []
        for _ in range(5):
            forget_summaries()
            found[first].append(_milliseconds(client, "/worklist"))
        found[f"worklist of {WARD}"] = _warm(client, "/worklist", repeats)
    return found


def _warm(client: httpx.Client, address: str, repeats: int) -> list[float]:
    return [_milliseconds(client, address) for _ in range(repeats + 5)][5:]


def _milliseconds(client: httpx.Client, address: str) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - start) * 1000
    assert answer.status_code == 200, answer.status_code
    return took


def _fill(house: House, patients: int) -> None:
    """Reviews of as many patients in all, each with a snapshot of its own bytes."""
    with house.database.read() as connection:
        (only,) = connection.execute(select(_REVIEWS.c.id)).scalars()
        one = read_review(connection, only).reconciliation
    assert one.patient is not None
    for number in range(1, patients):
        digits = f"999{number:06d}"
        rest = 11 - sum(int(d) * (10 - place) for place, d in enumerate(digits)) % 11
        who = known_patient(house.database, nhs_number=f"{digits}{rest % 11}", name=f"Patient {number}")
        its = replace(one, patient=replace(one.patient, resource=f"Patient/{number}"))
        open_review(house.database, patient=who, reconciliation=its, now=utc_now())


@contextmanager
def _signed_in() -> Iterator[tuple[httpx.Client, House]]:
    """A pharmacist on a gateway that holds one fetched patient."""
    stories = load_stories()
    with tempfile.TemporaryDirectory(prefix="medrec-speed-") as folder, organisations(stories, utc_now) as sources:
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'gateway.sqlite3'}",
            allowed_networks=("127.0.0.0/8",),
            secure_cookies=False,
        )
        app = create_app(settings)
        house: House = app.state.house
        register_demo_sources(house.database, sources, utc_now(), lambda _: None)
        register_demo_accounts(
            house.database, stories, {one.account: PASSWORD for one in stories.staff}, utc_now(), lambda _: None
        )
        asyncio.run(_fetch(house, stories.patients[0].nhs_number))
        with served({"gateway": app}) as addresses, httpx.Client(base_url=addresses["gateway"]) as client:
            client.post("/sign-in", data={"name": "pharmacist", "password": PASSWORD})
            yield client, house
        house.database.close()


async def _fetch(house: House, nhs_number: str) -> None:
    async with Connections(house.settings, house.now) as connections:
        await fetch_patient(
            house.database, house.settings, house.knowledge, connections, nhs_number=nhs_number, now=house.now
        )
