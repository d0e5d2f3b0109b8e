"""The registered organisations and how they answered: in words, in figures, and hour by hour."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from collections.abc import Sequence
from statistics import quantiles
from typing import NamedTuple

from cryptography import x509
from msgspec import Struct
from sqlalchemy import func, select

from gateway.actions.access import Person, require
from gateway.actions.check_source import SourceReport, reports_of
from gateway.actions.register_source import RegisteredSource, as_system, registered_sources, source_of
from gateway.sources.breaker import BreakerState
from gateway.sources.connections import Connections
from gateway.store.database import Database
from gateway.store.secrets import SecretBox
from gateway.store.tables import FetchRun, Review

_RUNS = FetchRun.__table__  # type: ignore[attr-defined]
_REVIEWS = Review.__table__  # type: ignore[attr-defined]

#: Bars on the page: one for each of the last hours.
HOURS = 12
#: Certificates and keys are named this long before they end.
ENDS_SOON = dt.timedelta(days=30)
_MOST_RUNS = 5_000


class _Run(NamedTuple):
    state: str
    causes: str
    started_at: str
    milliseconds: int
    patient: str


class Hour(Struct, frozen=True):
    """Answers within one hour: `complete`, and `other` (partial, withheld or failed)."""

    start: str
    complete: int
    other: int


class SourceLine(Struct, frozen=True, kw_only=True):
    """`health` is working, warning, not-answering or not-asked, with `words` for it.

    `answers` counts attempts of the last day by list state; times in milliseconds are of those that gave a list.
    `affected` counts patients with an open review whose list from here was not complete at the last attempt.
    `ends_soon` names certificates that end within 30 days.
    """

    source: RegisteredSource
    health: str
    words: str
    last_state: str | None
    last_causes: tuple[str, ...]
    last_at: str | None
    last_success: str | None
    answers: dict[str, int]
    median: int | None
    p95: int | None
    answered_percent: int | None
    hours: tuple[Hour, ...]
    affected: int
    breaker: str
    ends_soon: tuple[str, ...]


class SourceDetail(Struct, frozen=True, kw_only=True):
    """One source with its self-tests, the newest first."""

    line: SourceLine
    reports: tuple[SourceReport, ...]


def sources_page(
    database: Database,
    *,
    by: Person | None,
    now: dt.datetime,
    box: SecretBox | None = None,
    connections: Connections | None = None,
) -> tuple[SourceLine, ...]:
    """Drafts and active sources, by name. `by` is None for the monitoring of the process itself."""
    if by is not None:
        require(by, "sources.see")
    keys = box or SecretBox(())
    return tuple(
        _line(database, one, now, keys, connections) for one in registered_sources(database, "draft", "active")
    )


def source_detail(
    database: Database,
    *,
    source: str,
    by: Person,
    now: dt.datetime,
    box: SecretBox | None = None,
    connections: Connections | None = None,
) -> SourceDetail:
    """Raises NotFound."""
    require(by, "sources.see")
    found = source_of(database, source)
    line = _line(database, found, now, box or SecretBox(()), connections)
    return SourceDetail(line=line, reports=reports_of(database, found.id))


def _line(
    database: Database, source: RegisteredSource, now: dt.datetime, box: SecretBox, connections: Connections | None
) -> SourceLine:
    since = (now.astimezone(dt.UTC) - dt.timedelta(days=1)).isoformat()
    columns = (_RUNS.c.state, _RUNS.c.causes, _RUNS.c.started_at, _RUNS.c.milliseconds, _RUNS.c.patient)
    with database.read() as connection:
        query = select(*columns).where(_RUNS.c.source == source.id).order_by(_RUNS.c.started_at.desc())
        last = next((_Run(*row) for row in connection.execute(query.limit(1))), None)
        runs = [_Run(*row) for row in connection.execute(query.where(_RUNS.c.started_at >= since).limit(_MOST_RUNS))]
        good = select(func.max(_RUNS.c.started_at)).where(_RUNS.c.source == source.id, _RUNS.c.state == "complete")
        last_success = connection.execute(good).scalar()
        open_patients = set(connection.execute(select(_REVIEWS.c.patient).where(_REVIEWS.c.state == "open")).scalars())
    system = as_system(source, box)
    transport = connections.known(system) if connections and not system.unusable else None
    breaker = transport.breaker.state if transport else BreakerState.CLOSED
    ends = _ends_soon(source, reports_of(database, source.id, 1), now)
    times = [run.milliseconds for run in runs if run.state != "failed"]
    answered = [run for run in runs if run.state != "failed"]
    health, words = _health(source, system.unusable, breaker, runs, last, ends)
    return SourceLine(
        source=source,
        health=health,
        words=words,
        last_state=last.state if last else None,
        last_causes=tuple(json.loads(last.causes)) if last else (),
        last_at=last.started_at if last else None,
        last_success=last_success,
        answers=dict(sorted(Counter(run.state for run in runs).items())),
        median=_quantile(times, 50),
        p95=_quantile(times, 95),
        answered_percent=len(answered) * 100 // len(runs) if runs else None,
        hours=_hours(runs, now),
        affected=_affected(runs, open_patients),
        breaker=breaker.value,
        ends_soon=ends,
    )


def _health(
    source: RegisteredSource,
    unusable: str | None,
    breaker: BreakerState,
    runs: Sequence[_Run],
    last: _Run | None,
    ends: tuple[str, ...],
) -> tuple[str, str]:
    if unusable:
        words = unusable.partition(": ")[2]
        return "not-answering", f"{words[0].upper()}{words[1:]}."
    if source.state == "draft":
        return "not-asked", "A draft: it is not asked for patients yet."
    if breaker is not BreakerState.CLOSED:
        return "not-answering", "It failed several times in a row and is left alone for a moment."
    if last is None:
        return "not-asked", "It was not asked for anybody yet."
    recent = [run.state for run in runs[:5]] or [last.state]
    if all(state == "failed" for state in recent):
        return "not-answering", f"Its last {_times(len(recent))} gave no list."
    if last.state != "complete":
        said = {"failed": "gave no list", "partial": "gave part of a list", "withheld": "withheld the list"}
        return "warning", f"Its last answer {said[last.state]}."
    if ends:
        return "warning", "It answers; a certificate ends soon."
    return "working", "It answers."


def _times(count: int) -> str:
    return "answer" if count == 1 else f"{count} answers"


def _quantile(values: Sequence[int], percent: int) -> int | None:
    """Whole milliseconds; of a single value that value."""
    if not values:
        return None
    return round(quantiles(values, n=100, method="inclusive")[percent - 1]) if len(values) > 1 else values[0]


def _hours(runs: Sequence[_Run], now: dt.datetime) -> tuple[Hour, ...]:
    this = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    starts = [this - dt.timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counts: dict[dt.datetime, list[int]] = {start: [0, 0] for start in starts}
    for run in runs:
        at = dt.datetime.fromisoformat(run.started_at).astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
        if at in counts:
            counts[at][run.state != "complete"] += 1
    return tuple(Hour(start.isoformat(), *counts[start]) for start in starts)


def _affected(runs: Sequence[_Run], open_patients: set[str]) -> int:
    """Runs are newest first; each patient's last one counts."""
    seen: dict[str, str] = {}
    for run in runs:
        seen.setdefault(run.patient, run.state)
    return sum(state != "complete" for patient, state in seen.items() if patient in open_patients)


def _ends_soon(source: RegisteredSource, reports: Sequence[SourceReport], now: dt.datetime) -> tuple[str, ...]:
    """The source's own certificate as its last self-test saw it, and ours."""
    shown = [dt.datetime.fromisoformat(r.certificate_until) for r in reports if r.certificate_until]
    found = [f"its certificate ends {until:%d-%b-%Y}" for until in shown if until - now < ENDS_SOON]
    ours = (("client_certificate", "our certificate for it"), ("trusted_ca", "its authority's certificate"))
    for field, words in ours:
        pem = source.public.get(field)
        held = x509.load_pem_x509_certificates(pem.encode()) if pem else []
        ends = [one.not_valid_after_utc for one in held if one.not_valid_after_utc - now < ENDS_SOON]
        found += [f"{words} ends {one:%d-%b-%Y}" for one in ends]
    return tuple(found)
