"""`gateway worker` and `gateway follow-up run` as processes of their own, beside a database that others use."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gateway.actions.access import Person
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import register_source, source_of
from gateway.actions.send_outcome import sendings
from gateway.store import outbox
from gateway.store.database import Database
from tests.integration.receiver import receiving
from tests.integration.test_outbox import Site
from tests.integration.test_review_actions import NOW, pharmacist, reconciliation, review

__all__ = ["pharmacist", "reconciliation", "review"]


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def environment(url: str, cache: Path) -> dict[str, str]:
    given = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    return given | {
        "GATEWAY_DATABASE_URL": url, "GATEWAY_CACHE_DIR": str(cache), "GATEWAY_ALLOWED_NETWORKS": "127.0.0.0/8",
    }  # fmt: skip


def gateway(*words: str, url: str, cache: Path) -> subprocess.CompletedProcess[str]:
    call = [sys.executable, "-m", "gateway", *words]
    return subprocess.run(call, env=environment(url, cache), capture_output=True, text=True, timeout=60, check=False)


def test_a_worker_sends_what_waits_and_ends_when_it_is_told(
    database_url: str, database: Database, knowledge: Knowledge, pharmacist: Person, review: str, tmp_path: Path
) -> None:
    with receiving() as receiver:
        site = Site(database, knowledge, pharmacist, review, receiver)
        with database.write() as connection:
            outbox.put(
                connection, kind="fhir-post", subject=review, due=NOW, give_up=NOW, by="x", role="y", now=NOW,
                target=site.source, content=b"{}", details={"identifier": "urn:uuid:1", "what": "a broken one"},
            )  # fmt: skip
        site.send()
        call = [sys.executable, "-m", "gateway", "worker"]
        worker = subprocess.Popen(call, env=environment(database_url, tmp_path / "cache"), stderr=subprocess.PIPE)
        try:
            until = time.monotonic() + 60
            while {one.state for one in sendings(database, review)} & {"waiting", "claimed"}:
                assert time.monotonic() < until
                assert worker.poll() is None
                time.sleep(0.1)
        finally:
            worker.send_signal(signal.SIGTERM)
            said = worker.communicate(timeout=20)[1]
    assert worker.returncode == 0
    assert said == b"worker: looking for work\n"
    found = {one.what: (one.state, one.status) for one in sendings(database, review)}
    assert found == {"discharge medicines 0": ("done", 201), "a broken one": ("failed", 400)}


def test_checks_that_are_due_are_done_at_once_and_others_are_left(
    database_url: str, database: Database, review: str, tmp_path: Path
) -> None:
    none = gateway("follow-up", "run", url=database_url, cache=tmp_path / "cache")
    assert (none.returncode, none.stdout) == (0, "follow-up: nothing is due\n")
    with database.write() as connection:
        for kind in ("follow-up", "fhir-post"):
            outbox.put(
                connection, kind=kind, subject=review, due=NOW, give_up=NOW, by="x", role="y", now=NOW,
                signed_at="a signature that stands no more", details={"day": 7, "last": False},
            )  # fmt: skip
    some = gateway("follow-up", "run", url=database_url, cache=tmp_path / "cache")
    assert (some.returncode, some.stdout, some.stderr) == (0, "follow-up: 1 withdrawn\n", "")
    with database.read() as connection:
        assert {one.kind: one.state for one in outbox.pieces_of(connection, review)} == {
            "follow-up": "withdrawn",
            "fhir-post": "waiting",
        }


def test_where_documents_are_posted_is_said_on_the_command_line(
    database_url: str, database: Database, tmp_path: Path
) -> None:
    register_source(
        database, now=NOW, name="gp", organisation="Hill Practice", kind="gp", base_url="https://gp.example/r4",
        dialect="generic-r4", fhir_version="",
    )  # fmt: skip
    cache = tmp_path / "cache"
    said = gateway("source", "set", "gp", "--post-url", "https://gp.example/r4/Bundle", url=database_url, cache=cache)
    assert (said.returncode, said.stdout) == (0, "gp: post url https://gp.example/r4/Bundle\n")
    assert source_of(database, "gp").post_url == "https://gp.example/r4/Bundle"
    wrong = gateway("source", "set", "gp", "--post-url", "https://other.example/Bundle", url=database_url, cache=cache)
    assert wrong.returncode == 1
    assert "must be at the same server" in wrong.stderr
    gone = gateway("source", "set", "gp", "--post-url", "", url=database_url, cache=cache)
    assert (gone.returncode, gone.stdout) == (0, "gp: post url none\n")
    assert source_of(database, "gp").post_url is None
