"""kill -9 while documents are being sent: none is lost, and a receiver that honours the keys takes none twice.

The worker is a forked process that runs the same loop as `gateway serve`; the receiver another one, on real HTTP. After
each kill the clock is set past the lease, as if two minutes had gone by, and a new worker takes over.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import http.client
import json
import multiprocessing
import os
import random
import signal
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from conformance.safety.decisions import DATABASES, NOW, Prepared, database_of, prepare
from gateway.actions.access import Person
from gateway.actions.house import House
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import register_source
from gateway.actions.reviews import read_review
from gateway.actions.send_outcome import Outgoing, send_outcome
from gateway.actions.sign_review import sign_review
from gateway.actions.verify_ledger import verify_ledger
from gateway.demo.documents import Documents
from gateway.demo.loopback import served
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store import ledger, outbox
from gateway.store.database import Database, open_database
from gateway.worker.run import do_what_is_due, run_worker

_FORK = multiprocessing.get_context("fork")
_SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))
#: Put in before each kill, so that there is always something to do.
_EACH = 12


class Killed(Struct, frozen=True, kw_only=True):
    """`interrupted` claims were under way when their worker was killed; `repeated` requests came more than once."""

    database: str
    kills: int
    documents: int
    interrupted: int
    repeated: int
    lost: int
    doubled: int
    broken: int

    @property
    def good(self) -> bool:
        """Also: the kills struck while something was under way, or nothing was tried."""
        return not (self.lost or self.doubled or self.broken) and self.interrupted > 0


def kill_often(kind: str, kills: int, *, seed: int = 26) -> Killed:
    """On a database of its own, `sqlite` or `postgresql`."""
    chance = random.Random(seed)
    with database_of(kind) as url, _receiver() as address, tempfile.TemporaryDirectory() as cache:
        knowledge = load_knowledge(Path(cache))
        site = _Site(prepare(url), address)
        interrupted: set[str] = set()
        sent = 0
        for n in range(kills):
            site.put(_EACH)
            _until_killed(url, knowledge, n, address, sent, chance.uniform(0.0, 0.05))
            interrupted |= site.claims()
            sent = _figures(address)["received"]
        _drain(url, knowledge, kills)
        return _counted(kind, kills, len(interrupted), site, _figures(address))


class _Site:
    """One signed review whose outcome is sent again and again, each time under another identifier."""

    def __init__(self, prepared: Prepared, address: str) -> None:
        self.prepared, self.sent = prepared, 0
        database = open_database(prepared.url)
        self.source = register_source(
            database, now=NOW, name="gp", organisation="Hill Practice", kind="gp", base_url=address,
            dialect="generic-r4", fhir_version="4.0.1", post_url=f"{address}/Bundle",
        ).id  # fmt: skip
        self.by: Person = prepared.people[0]
        sign_review(
            database, review=prepared.review, expected_version=1, override="drill", by=self.by, now=NOW,
            follow_up_days=(),
        )  # fmt: skip
        with database.read() as connection:
            self.version = read_review(connection, prepared.review).version
        database.close()

    def put(self, n: int) -> None:
        database = open_database(self.prepared.url)
        for _ in range(n):
            self.sent += 1
            identifier = f"urn:uuid:{uuid.UUID(int=self.sent)}"
            tree = {"resourceType": "Bundle", "type": "document", "identifier": {"value": identifier}}
            out = Outgoing(content=json.dumps(tree).encode(), identifier=identifier, what=f"document {self.sent}")
            send_outcome(
                database, review=self.prepared.review, endpoint=self.source, outgoing=out, by=self.by, now=NOW,
                expected_version=self.version,
            )  # fmt: skip
        database.close()

    def pieces(self) -> list[outbox.Piece]:
        database = open_database(self.prepared.url)
        with database.read() as connection:
            found = outbox.pieces_of(connection, self.prepared.review)
        database.close()
        return found

    def claims(self) -> set[str]:
        """Of this worker, and of those killed before it whose pieces were not claimed anew yet."""
        return {one.claim for one in self.pieces() if one.claim is not None}


def _until_killed(url: str, knowledge: Knowledge, n: int, address: str, sent: int, after_s: float) -> None:
    """Killed so long after the first document of this worker arrived."""
    worker = _FORK.Process(target=_work, args=(url, knowledge, n))
    worker.start()
    until = time.monotonic() + 60
    try:
        while _figures(address)["received"] <= sent:
            if time.monotonic() > until or not worker.is_alive():
                raise RuntimeError("the worker sent nothing")
            time.sleep(0.005)
        time.sleep(after_s)
        assert worker.pid is not None
        os.kill(worker.pid, signal.SIGKILL)
        worker.join()
    finally:
        worker.kill()
        worker.join()
    if worker.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"the worker ended by itself with {worker.exitcode}")


def _work(url: str, knowledge: Knowledge, n: int) -> None:
    async def work() -> None:
        await run_worker(_house(open_database(url), knowledge, n), asyncio.Event())

    asyncio.run(work())


def _drain(url: str, knowledge: Knowledge, n: int) -> None:
    async def drain() -> None:
        house = _house(open_database(url), knowledge, n)
        await do_what_is_due(house)
        await house.connections.close()
        house.database.close()

    asyncio.run(drain())


def _house(database: Database, knowledge: Knowledge, n: int) -> House:
    """The n-th worker's: the leases of those before it have ended."""

    def now() -> dt.datetime:
        return NOW + n * (outbox.LEASE + dt.timedelta(seconds=1))

    return House(
        settings=_SETTINGS, database=database, knowledge=knowledge, connections=Connections(_SETTINGS, now), now=now
    )


@contextmanager
def _receiver() -> Iterator[str]:
    """In a process of its own: this one forks, and a process that forks may hold no thread of a server."""
    hear, tell = _FORK.Pipe(duplex=False)
    receiver = _FORK.Process(target=_receive, args=(tell,))
    receiver.start()
    try:
        yield str(hear.recv())
    finally:
        receiver.kill()
        receiver.join()


def _receive(tell: object) -> None:
    documents = Documents()

    async def figures(_: Request) -> Response:
        return Response(json.dumps({"received": documents.received, "taken": len(documents.taken)}))

    routes = [documents.route, Route("/figures", figures)]
    with served({"receiver": Starlette(routes=routes)}) as addresses:
        tell.send(addresses["receiver"])  # type: ignore[attr-defined]
        signal.pause()


def _figures(address: str) -> dict[str, int]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=10)
    connection.request("GET", "/figures")
    found: dict[str, int] = json.loads(connection.getresponse().read())
    connection.close()
    return found


def _counted(kind: str, kills: int, interrupted: int, site: _Site, figures: dict[str, int]) -> Killed:
    pieces = site.pieces()
    database = open_database(site.prepared.url)
    broken, _ = verify_ledger(database)
    with database.read() as connection:
        acts = [e.act for e in ledger.entries(connection, site.prepared.review) if e.act.kind == "post.sent"]
    database.close()
    done = sum(one.state == "done" for one in pieces)
    return Killed(
        database=kind,
        kills=kills,
        documents=site.sent,
        interrupted=interrupted,
        repeated=figures["received"] - figures["taken"],
        lost=site.sent - min(done, figures["taken"]),
        # the ledger says "sent" once for each
        doubled=max(0, figures["taken"] - site.sent) + len(acts) - len({act.item for act in acts}),
        broken=len(broken) + abs(done - len(acts)),
    )


def drill(kills: int = 100) -> list[Killed]:
    return [kill_often(kind, kills) for kind in DATABASES]
