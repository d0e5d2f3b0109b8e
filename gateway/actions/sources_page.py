"""The registered organisations and how they answered last."""

from __future__ import annotations

import json

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.access import Person, require
from gateway.actions.register_source import RegisteredSource, registered_sources
from gateway.store.database import Database
from gateway.store.tables import FetchRun

_RUNS = FetchRun.__table__  # type: ignore[attr-defined]


class SourceLine(Struct, frozen=True, kw_only=True):
    """`answers` counts attempts by list state; `milliseconds` is the median of those that gave a list."""

    source: RegisteredSource
    last_state: str | None
    last_causes: tuple[str, ...]
    last_at: str | None
    answers: dict[str, int]
    milliseconds: int | None


def sources_page(database: Database, *, by: Person) -> tuple[SourceLine, ...]:
    require(by, "sources.see")
    found = []
    for source in registered_sources(database):
        with database.read() as connection:
            query = select(_RUNS).where(_RUNS.c.source == source.id).order_by(_RUNS.c.started_at.desc()).limit(1000)
            runs = connection.execute(query).all()
        answers: dict[str, int] = {}
        for run in runs:
            answers[run.state] = answers.get(run.state, 0) + 1
        times = sorted(run.milliseconds for run in runs if run.state != "failed")
        last = runs[0] if runs else None
        found.append(
            SourceLine(
                source=source,
                last_state=last.state if last else None,
                last_causes=tuple(json.loads(last.causes)) if last else (),
                last_at=last.started_at if last else None,
                answers=answers,
                milliseconds=times[len(times) // 2] if times else None,
            )
        )
    return tuple(found)
