"""What a page costs: asked over HTTP on loopback by a signed-in person, session, database and ledger row included."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.house import House
from gateway.app import create_app, utc_now
from gateway.demo.loopback import served
from gateway.demo.register import register_demo_accounts, register_demo_sources
from gateway.demo.start import organisations
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.sources.connections import Connections

PASSWORD = "measured on loopback"


def page_times(repeats: int) -> dict[str, list[float]]:
    """Milliseconds of each of `repeats` warm requests, by page."""
    found: dict[str, list[float]] = {}
    with _signed_in() as client:
        review = client.get("/worklist").text.partition('href="/reviews/')[2].partition('"')[0]
        pages = {"review": f"/reviews/{review}", "worklist of 1": "/worklist", "healthz, the floor": "/healthz"}
        for name, address in pages.items():
            found[name] = []
            for turn in range(repeats + 5):
                start = time.perf_counter()
                answer = client.get(address)
                took = (time.perf_counter() - start) * 1000
                assert answer.status_code == 200, answer.status_code
                if turn >= 5:
                    found[name].append(took)
    return found


@contextmanager
def _signed_in() -> Iterator[httpx.Client]:
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
            yield client
        house.database.close()


async def _fetch(house: House, nhs_number: str) -> None:
    async with Connections(house.settings, house.now) as connections:
        await fetch_patient(
            house.database, house.settings, house.knowledge, connections, nhs_number=nhs_number, now=house.now
        )
