"""Two pharmacists send a decision about the same row at the same moment: one wins, the other is told."""

from __future__ import annotations

import threading
from collections import Counter

from msgspec import Struct

from conformance.safety.decisions import DATABASES, NOW, Prepared, database_of, prepare
from gateway.actions.access import Person
from gateway.actions.decide_row import decide
from gateway.errors import Stale
from gateway.records.decision import Decision, Outcome
from gateway.store import ledger
from gateway.store.database import Database, open_database


class Raced(Struct, frozen=True, kw_only=True):
    """`fair` races had one winner and one who was told; `written` is how many decisions the ledger holds."""

    database: str
    races: int
    fair: int
    written: int

    @property
    def good(self) -> bool:
        return self.fair == self.races == self.written


def race_often(kind: str, races: int) -> Raced:
    with database_of(kind) as url:
        prepared = prepare(url)
        database = open_database(url)
        start, said = threading.Barrier(2), Counter[tuple[int, str]]()
        runners = [
            threading.Thread(target=_run, args=(database, prepared, person, races, start, said))
            for person in prepared.people
        ]
        for one in runners:
            one.start()
        for one in runners:
            one.join()
        with database.read() as connection:
            acts = [e.act for e in ledger.entries(connection, prepared.review) if e.act.kind == "row.decided"]
        database.close()
    fair = sum(1 for n in range(races) if said[n, "won"] == 1 and said[n, "told"] == 1)
    return Raced(database=kind, races=races, fair=fair, written=len(acts))


def _run(
    database: Database, prepared: Prepared, by: Person, races: int, start: threading.Barrier,
    said: Counter[tuple[int, str]],
) -> None:  # fmt: skip
    row = prepared.rows[0]
    for n in range(races):
        decision = Decision(row=row, outcome=Outcome.STOP, reason="allergy", note=f"{by.name} {n}")
        start.wait(60)
        try:
            decide(database, review=prepared.review, decision=decision, expected_version=n, by=by, now=NOW)
        except Stale:
            said[n, "told"] += 1
        else:
            said[n, "won"] += 1


def drill(races: int = 1_000) -> list[Raced]:
    return [race_often(kind, races) for kind in DATABASES]
