"""What odd lists hold is shown: the review, its evidence and its sign-off answer for each fault that brings entries."""

from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import httpx

from conformance.safety.drill import Drill, catalogue
from conformance.safety.organisations import NOW, PATIENT, POSITIONS, fetch
from conformance.safety.plays import PLAYS
from conformance.safety.proxy import Exchange
from gateway.actions.accounts import create_account
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.app import create_app
from gateway.settings import Settings
from gateway.store.database import open_database

PASSWORD = "a-long-password-for-tests"
#: What reaches a page with content of its own.
SHOWN = {"kept", "quarantined", "set-aside", "deduplicated", "not-current"}


def test_every_odd_list_has_a_page(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path / 'g.sqlite3'}")
    app = create_app(Settings(secure_cookies=False), database=database, now=lambda: NOW)
    create_account(database, name="pat", display_name="P", role="pharmacist", password=PASSWORD, now=NOW)
    plays = {p for one in catalogue().faults if one.expect in SHOWN for p in one.play.split(",") if p in PLAYS}

    async def walk() -> dict[str, list[int]]:
        answers: dict[str, list[int]] = {}
        transport = httpx.ASGITransport(app)
        async with Drill() as drill, httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
            await client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
            for n, play in enumerate(sorted(plays)):
                for proxy in drill.proxies.values():
                    proxy.play(Exchange.ordinary)
                drill.proxies[POSITIONS[n % 3]].play(PLAYS[play])
                lists = [one.list for one in await fetch(drill.proxies)]
                one = reconcile(lists, load_knowledge(), NOW.date())
                who = known_patient(database, nhs_number=PATIENT.nhs_number, name="Doris Example")
                later = NOW + dt.timedelta(minutes=n)
                review = open_review(database, patient=who, reconciliation=one, now=later)
                pages = [f"/reviews/{review}", f"/reviews/{review}?decide=r1", f"/reviews/{review}/sign-off"]
                pages += [f"/reviews/{review}/rows/{row.id}/evidence" for row in one.rows]
                answers[play] = [(await client.get(page)).status_code for page in pages]
        return answers

    answers = asyncio.run(walk())
    database.close()
    assert len(answers) > 25
    assert {play: codes for play, codes in answers.items() if set(codes) != {200}} == {}
