"""An acknowledged decision survives kill -9: a slice of the drill, on the real server and a real file."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from gateway.actions.accounts import create_account
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review, read_review
from gateway.actions.verify_ledger import verify_ledger
from gateway.fhir.read import read_list
from gateway.store import ledger
from gateway.store.database import open_database
from tests.fhir_builders import bundle, document, patient, statement
from tests.integration.test_review_actions import NOW, PASSWORD

MEDICINES = ("Apixaban", "Ramipril", "Simvastatin", "Furosemide", "Metformin", "Amlodipine", "Sertraline", "Warfarin")


def prepare(url: str, cache: Path) -> str:
    database = open_database(url)
    create_account(database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=NOW)
    entries = [
        statement(f"m{n}", f"{name} 5mg tablets", dose="One tablet once a day") for n, name in enumerate(MEDICINES)
    ]
    one = read_list("gp", [document(bundle(patient(), *entries))])
    result = reconcile([one], load_knowledge(cache), NOW.date())
    who = known_patient(database, nhs_number="9990147213", name="Somebody")
    review = open_review(database, patient=who, reconciliation=result, now=NOW)
    database.close()
    return review


@contextmanager
def serving(url: str, cache: Path) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    environment |= {"GATEWAY_DATABASE_URL": url, "GATEWAY_SECURE_COOKIES": "no", "GATEWAY_CACHE_DIR": str(cache)}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL
    )
    try:
        address, until = f"http://127.0.0.1:{port}", time.monotonic() + 60
        while True:
            try:
                httpx.get(f"{address}/healthz")
                break
            except httpx.TransportError:
                assert time.monotonic() < until
                assert process.poll() is None
                time.sleep(0.05)
        yield process, address
    finally:
        process.kill()
        process.wait()


def decide_until_killed(process: subprocess.Popen[bytes], address: str, review: str, after: int) -> dict[str, str]:
    """Row -> note of every decision that was acknowledged; the kill comes while a further one may be under way."""
    acknowledged: dict[str, str] = {}
    with httpx.Client(base_url=address, timeout=10) as client:
        client.post("/sign-in", data={"name": "pat", "password": PASSWORD})
        page = client.get(f"/reviews/{review}").text
        csrf = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
        rows = re.findall(r'<tr id="(r\d+)"', page)
        try:
            for n in range(10_000):
                row, note = rows[n % len(rows)], f"note {process.pid} {n}"
                page = client.get(f"/reviews/{review}?decide={row}").text
                found = re.search(r'name="version" value="(\d+)"', page[page.index('id="panel"') :])
                assert found
                form = {"csrf": csrf, "version": found.group(1), "choice": "stop", "reason": "allergy", "note": note}
                answer = client.post(f"/reviews/{review}/rows/{row}", data=form)
                assert answer.status_code == 303, answer.text
                acknowledged[row] = note
                if n + 1 == after:
                    threading.Timer(0.02, process.send_signal, [signal.SIGKILL]).start()
        except httpx.TransportError:
            return acknowledged
    raise AssertionError("the server was never killed")


def test_every_acknowledged_decision_survives_being_killed(tmp_path: Path) -> None:
    url, cache = f"sqlite:///{tmp_path / 'gateway.sqlite3'}", tmp_path / "cache"
    review = prepare(url, cache)
    acknowledged: dict[str, str] = {}
    for after in (3, 9):
        with serving(url, cache) as (process, address):
            acknowledged |= decide_until_killed(process, address, review, after)
        assert process.returncode == -signal.SIGKILL

        database = open_database(url)
        broken, _ = verify_ledger(database)
        assert broken == ()
        with database.read() as connection:
            standing = read_review(connection, review).decisions
            last = {e.act.item: e.act.payload["note"] for e in ledger.entries(connection, review) if e.act.reason}
        for row, note in acknowledged.items():
            decision = standing[row].decision
            assert decision is not None
            # a decision sent while the server died may stand too, but never without its ledger row
            assert decision.note == last[row]
            assert int(str(decision.note).split()[-1]) >= int(note.split()[-1]) or decision.note == note
        database.close()
