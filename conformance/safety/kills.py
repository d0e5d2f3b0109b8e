"""kill -9 while decisions are being written: none that was acknowledged is lost, none stands twice.

The writer is a forked process that decides row after row through the same action as the page's form, and tells each
decision over a pipe once it is taken. After each kill the form under way is sent again with its own key, as a browser
would: it must be taken once. (The same over HTTP on the real server: tests/integration/test_kill.py.)
"""

from __future__ import annotations

import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import msgspec
from msgspec import Struct

from conformance.safety.decisions import DATABASES, NOW, Prepared, database_of, prepare
from gateway.actions.decide_row import decide
from gateway.actions.reviews import read_review
from gateway.actions.verify_ledger import verify_ledger
from gateway.records.decision import Decision, Outcome
from gateway.store import ledger
from gateway.store.database import open_database

_FORK = multiprocessing.get_context("fork")


class Killed(Struct, frozen=True, kw_only=True):
    """`lost` were acknowledged and are not in the ledger; `doubled` are in it more than once."""

    database: str
    kills: int
    acknowledged: int
    lost: int
    doubled: int
    broken: int

    @property
    def good(self) -> bool:
        return not (self.lost or self.doubled or self.broken) and self.acknowledged >= self.kills


def kill_often(kind: str, kills: int, *, seed: int = 26) -> Killed:
    """On a database of its own, `sqlite` or `postgresql`."""
    chance = random.Random(seed)
    acknowledged: list[int] = []
    with database_of(kind) as url:
        prepared = prepare(url)
        for _ in range(kills):
            acknowledged += _until_killed(prepared, _next(acknowledged), chance.uniform(0.0, 0.05))
        return _counted(kind, kills, prepared, acknowledged)


def _next(acknowledged: list[int]) -> int:
    """The first form that nobody acknowledged; it may stand already, and is sent again."""
    return acknowledged[-1] + 1 if acknowledged else 0


def _until_killed(prepared: Prepared, first: int, after_s: float) -> list[int]:
    """Killed so long after its first acknowledgement. The numbers of the forms that were acknowledged."""
    hear, tell = _FORK.Pipe(duplex=False)
    writer = _FORK.Process(target=write_on, args=(prepared, first, tell))
    writer.start()
    tell.close()
    heard: list[int] = []
    try:
        if not hear.poll(60):
            raise RuntimeError("the writer wrote nothing for a minute")
        heard.append(hear.recv())
        while hear.poll(after_s):
            heard.append(hear.recv())
            after_s = max(0.0, after_s - 0.002)
            if after_s == 0.0:
                break
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        while hear.poll():
            heard.append(hear.recv())
    except EOFError:
        pass
    finally:
        writer.kill()
        writer.join()
        hear.close()
    if writer.exitcode != -signal.SIGKILL:
        raise RuntimeError(f"the writer ended by itself with {writer.exitcode}")
    return heard


def write_on(prepared: Prepared, first: int, tell: object, last: int = 1_000_000) -> None:
    """Form n decides row n modulo the rows, at the version that the forms before it left."""
    database = open_database(prepared.url)
    for n in range(first, last):
        row = prepared.rows[n % len(prepared.rows)]
        decision = Decision(row=row, outcome=Outcome.STOP, reason="allergy", note=str(n))
        decide(
            database, review=prepared.review, decision=decision, expected_version=n // len(prepared.rows),
            by=prepared.people[0], now=NOW, form=f"form-{n}",
        )  # fmt: skip
        tell.send(n)  # type: ignore[attr-defined]


def _counted(kind: str, kills: int, prepared: Prepared, acknowledged: list[int]) -> Killed:
    database = open_database(prepared.url)
    broken, _ = verify_ledger(database)
    with database.read() as connection:
        standing = read_review(connection, prepared.review).decisions
        acts = [e.act for e in ledger.entries(connection, prepared.review) if e.act.kind == "row.decided"]
    database.close()
    written = Counter(int(str(act.payload["note"])) for act in acts)
    versions = Counter(act.item for act in acts)
    return Killed(
        database=kind,
        kills=kills,
        acknowledged=len(acknowledged),
        lost=sum(1 for n in set(acknowledged) if not written[n]),
        doubled=sum(1 for times in written.values() if times > 1) + len(acknowledged) - len(set(acknowledged)),
        # a decision that stands has its ledger row, and no ledger row is without its decision
        broken=len(broken) + sum(1 for row, one in standing.items() if one.version != versions[row]),
    )


def syncs_of(decisions: int) -> int | None:
    """How often SQLite synchronised a file because of so many decisions; None where strace is not installed."""
    if shutil.which("strace") is None:
        return None
    return _traced(decisions) - _traced(0)  # less what opening the database costs


def _traced(decisions: int) -> int:
    with database_of("sqlite") as url, tempfile.TemporaryDirectory() as folder:
        prepared, trace = prepare(url), Path(folder) / "trace"
        given = msgspec.json.encode(prepared).decode()
        call = [sys.executable, "-m", "conformance.safety.write_decisions", given, str(decisions)]
        subprocess.run(["strace", "-f", "-qq", "-e", "trace=fsync,fdatasync", "-o", trace, *call], check=True)
        return len(re.findall(r"\bf(?:data)?sync\(", trace.read_text()))


def drill(kills: int = 100) -> list[Killed]:
    return [kill_often(kind, kills) for kind in DATABASES]
