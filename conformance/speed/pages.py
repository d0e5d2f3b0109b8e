"""What a page costs: asked over HTTP on loopback by a signed-in person, session, database and ledger row included."""

from __future__ import annotations

import asyncio
import gzip
import re
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import msgspec

from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.house import House
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review, read_review
from gateway.app import create_app, utc_now
from gateway.demo.loopback import served
from gateway.demo.register import register_demo_accounts, register_demo_sources
from gateway.demo.start import organisations
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.sources.connections import Connections

PASSWORD = "measured on loopback"
PATIENTS = 200


def page_times(repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each of `repeats` warm requests, by page; of the full worklist also of the first, once."""
    found: dict[str, list[float]] = {}
    with _signed_in() as (client, house):
        review = re.findall(r'"/reviews/([\w-]+)', client.get("/worklist").text)[0]
        pages = {"review": f"/reviews/{review}", "worklist of 1": "/worklist", "healthz, the floor": "/healthz"}
        found |= {name: _warm(client, address, repeats) for name, address in pages.items()}
        _crowd(house, review)
        first = f"worklist of {PATIENTS}, the first after a start"
        found[first] = [_once(client, "/worklist")]
        found[f"worklist of {PATIENTS}"] = _warm(client, "/worklist", repeats)
        text = client.get("/worklist").content
        print(f"worklist of {PATIENTS}: {len(text) // 1000} kB, {len(gzip.compress(text, 5)) // 1000} kB packed")
    return found


def _warm(client: httpx.Client, address: str, repeats: int) -> list[float]:
    return [_once(client, address) for _ in range(repeats + 5)][5:]


def _once(client: httpx.Client, address: str) -> float:
    start = time.perf_counter()
    answer = client.get(address)
    took = (time.perf_counter() - start) * 1000
    assert answer.status_code == 200, answer.status_code
    return took


def _crowd(house: House, review: str) -> None:
    """The same lists for other people, each with a name of their own, so that no two snapshots are the same."""
    with house.database.read() as connection:
        one = read_review(connection, review).reconciliation
    assert one.patient is not None
    for number in range(1, PATIENTS):
        who = known_patient(house.database, nhs_number=f"{number:010}", name=f"Patient {number}", ward="Ward 1")
        named = msgspec.structs.replace(one.patient, family=f"Person {number}")
        open_review(
            house.database, patient=who, reconciliation=msgspec.structs.replace(one, patient=named), now=house.now()
        )


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
