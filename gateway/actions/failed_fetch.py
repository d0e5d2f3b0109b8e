"""Whether the lists were asked for again since a review was opened, and nothing came: what it shows is not current."""

from __future__ import annotations

import datetime as dt
import json

from msgspec import Struct
from sqlalchemy import select

from gateway.records.lists import ListState
from gateway.store.database import Database
from gateway.store.tables import FetchRun, Source

_RUNS = FetchRun.__table__  # type: ignore[attr-defined]
_SOURCES = Source.__table__  # type: ignore[attr-defined]

#: Attempts that begin within this time of each other belong to one fetch.
_ONE_FETCH = dt.timedelta(minutes=2)


class FailedFetch(Struct, frozen=True, kw_only=True):
    """The last fetch, at `at` (ISO 8601); `causes` say for each organisation why no list came."""

    at: str
    causes: tuple[str, ...]


def failed_since(database: Database, *, patient: str, since: str) -> FailedFetch | None:
    """None where nobody asked again after `since`, or where any organisation gave a list the last time."""
    query = (
        select(_RUNS.c.started_at, _RUNS.c.state, _RUNS.c.causes, _SOURCES.c.organisation)
        .join(_SOURCES, _SOURCES.c.id == _RUNS.c.source)
        .where(_RUNS.c.patient == patient, _RUNS.c.started_at > since)
        .order_by(_RUNS.c.started_at.desc())
    )
    with database.read() as connection:
        runs = connection.execute(query).all()
    if not runs:
        return None
    last = dt.datetime.fromisoformat(runs[0].started_at)
    those = [run for run in runs if last - dt.datetime.fromisoformat(run.started_at) <= _ONE_FETCH]
    if any(run.state not in (ListState.FAILED, ListState.WITHHELD) for run in those):
        return None
    causes = (f"{run.organisation}: {'; '.join(json.loads(run.causes)) or run.state}" for run in those)
    return FailedFetch(at=runs[0].started_at, causes=tuple(sorted(causes)))
