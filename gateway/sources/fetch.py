"""Fetch one patient's lists from every source at once; each gets its own deadline, and none can harm another.

Whatever a source does becomes the state of its list with causes in words. Nothing here raises because of a source.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from gateway.errors import InputError
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, ListState, SourceDocument
from gateway.settings import Settings
from gateway.sources.attempt import Attempt, Report
from gateway.sources.connections import Connections, Now, utc_now
from gateway.sources.dialects import generic, gp_connect_stu3, uk_core_r4
from gateway.sources.identity import WrongPatient
from gateway.sources.problem import SourceProblem
from gateway.sources.source import Dialect, Fetched, OnProgress, PatientQuery, Progress, SourceSystem, Stage
from gateway.sources.transport import GuardedTransport

_LOG = logging.getLogger(__name__)

#: Documents above this size together are read in a thread, so that other sources keep their deadlines.
_IN_A_THREAD = 256 * 1024

#: Behind other patients; longer than this nobody waits before a screen.
_LONGEST_WAIT_S = 120.0

_DIALECTS: dict[Dialect, Callable[[Attempt], Awaitable[None]]] = {
    Dialect.GP_CONNECT_STU3: gp_connect_stu3.fetch,
    Dialect.UK_CORE_R4: uk_core_r4.fetch,
    Dialect.GENERIC_R4: generic.fetch,
    Dialect.GENERIC_R5: generic.fetch,
    Dialect.GENERIC_STU3: generic.fetch,
}


async def fetch_all(
    sources: Sequence[SourceSystem],
    query: PatientQuery,
    settings: Settings,
    on_progress: OnProgress | None = None,
    *,
    connections: Connections | None = None,
    now: Now = utc_now,
) -> tuple[Fetched, ...]:
    """All sources at once, in the order given. Takes as long as the slowest source or its deadline, whichever is less.

    `connections` keeps the ways open for the next fetch; without it they are opened and closed here.
    """
    if connections is None:
        async with Connections(settings, now) as opened:
            return await fetch_all(sources, query, settings, on_progress, connections=opened, now=now)

    deadline = settings.source_deadline_s
    each = (_fetch_one(one, query, connections, now, one.deadline_s or deadline, on_progress) for one in sources)
    return tuple(await asyncio.gather(*each))


async def _fetch_one(
    source: SourceSystem,
    query: PatientQuery,
    connections: Connections,
    now: Now,
    deadline_s: float,
    on_progress: OnProgress | None,
) -> Fetched:
    try:
        transport = connections.of(source)
    except InputError as error:
        return _fetched(source, _failed(source, error.words), (), now(), now(), 0.0)
    return await fetch_list(source, query, transport, now, deadline_s=deadline_s, on_progress=on_progress)


async def fetch_list(
    source: SourceSystem,
    query: PatientQuery,
    transport: GuardedTransport,
    now: Now = utc_now,
    *,
    deadline_s: float = 20.0,
    on_progress: OnProgress | None = None,
) -> Fetched:
    """One patient's list from one source within `deadline_s` seconds, and the documents it was read from."""
    loop = asyncio.get_running_loop()
    asked = loop.time()

    async def report(stage: Stage, words: str, state: ListState | None = None, entries: int | None = None) -> None:
        if on_progress is not None:
            seconds = round(loop.time() - asked, 3)
            await on_progress(
                Progress(source=source.name, stage=stage, words=words, seconds=seconds, state=state, entries=entries)
            )

    transport.patients += 1
    if not await _turn(transport, source, report):
        transport.patients -= 1
        failure = "too many patients were being fetched from it at the same time"
        return _fetched(source, _failed(source, failure), (), now(), now(), loop.time() - asked)
    try:
        started, began = now(), loop.time()
        attempt = Attempt(transport, query, began + deadline_s, report)
        await report(Stage.ASKING, f"Asking {source.organisation}")
        failure_of_list = await _run(attempt, _DIALECTS[source.dialect], deadline_s)
    finally:
        transport.turns.release()
        transport.patients -= 1
    written = await _read(attempt, failure_of_list)
    finished = now()
    coverage = (source.coverage,) if source.coverage else ()
    written = msgspec.structs.replace(
        written,
        kind=source.kind.value,
        organisation=source.organisation,
        as_of=written.as_of or finished.astimezone(dt.UTC).isoformat(timespec="seconds"),
        warnings=tuple(dict.fromkeys((*written.warnings, *attempt.warnings, *coverage))),
    )
    await report(Stage.FINISHED, _in_words(written), written.state, len(written.entries))
    return _fetched(source, written, attempt.kept, started, finished, loop.time() - began)


async def _turn(transport: GuardedTransport, source: SourceSystem, report: Report) -> bool:
    """Whether this patient's turn came. The wait is not the source's time, so no deadline runs meanwhile."""
    if transport.crowded:
        await report(Stage.ASKING, f"Waiting until {source.organisation} has answered for other patients")
    try:
        await asyncio.wait_for(transport.turns.acquire(), _LONGEST_WAIT_S)
    except TimeoutError:
        return False
    return True


def _fetched(
    source: SourceSystem,
    written: ListAsWritten,
    documents: tuple[SourceDocument, ...],
    started: dt.datetime,
    finished: dt.datetime,
    seconds: float,
) -> Fetched:
    return Fetched(
        source=source,
        list=written,
        documents=documents,
        state=written.state,
        causes=written.causes,
        started=started.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        finished=finished.astimezone(dt.UTC).isoformat(timespec="milliseconds"),
        seconds=round(seconds, 3),
    )


async def _run(
    attempt: Attempt, dialect: Callable[[Attempt], Awaitable[None]], deadline_s: float
) -> SourceProblem | None:
    """What keeps the whole list from being used; None where at least part of it arrived."""
    breaker = attempt.transport.breaker
    try:
        breaker.enter()
    except SourceProblem as problem:
        return problem
    try:
        async with asyncio.timeout_at(attempt.until):
            await dialect(attempt)
    except TimeoutError:
        late = SourceProblem(f"no whole answer within {deadline_s:g} seconds")
        if not attempt.any_medicines:
            return late
        attempt.note(late)
    except WrongPatient as problem:
        attempt.forget()
        _LOG.warning("source %s: %s; its answer was dropped", attempt.transport.source.name, problem.words)
        return problem
    except SourceProblem as problem:
        return problem
    except Exception as error:
        # A fault of ours must not become a missing page; its text may hold patient data, so only its kind is told.
        _LOG.error("source %s: %s while fetching", attempt.transport.source.name, type(error).__name__)
        return SourceProblem("the gateway could not read its answer (a fault of the gateway)")
    finally:
        if attempt.answered:
            breaker.worked()
        else:
            breaker.failed()
    return None


async def _read(attempt: Attempt, failure: SourceProblem | None) -> ListAsWritten:
    source = attempt.transport.source
    if failure is not None:
        written = _failed(source, failure.words, failure.state)
        return msgspec.structs.replace(
            written,
            causes=tuple(dict.fromkeys((failure.words, *sorted(attempt.causes)))),
            documents=tuple(sorted({d.sha256 for d in attempt.kept})),
        )
    large = sum(len(d.content) for d in attempt.documents) > _IN_A_THREAD
    written = await asyncio.to_thread(_read_list, attempt) if large else _read_list(attempt)
    if any(cause.startswith("wrong-patient") for cause in written.causes):
        attempt.forget()
    return msgspec.structs.replace(
        written,
        state=ListState.worst(written.state, *attempt.states),
        # Types are asked for at once; the order in which they failed must not change a reconciliation.
        causes=tuple(dict.fromkeys((*sorted(attempt.causes), *written.causes))),
    )


def _read_list(attempt: Attempt) -> ListAsWritten:
    return read_list(
        attempt.transport.source.name, attempt.documents, fhir_version=attempt.fhir_version, pages_followed=True
    )


def _failed(source: SourceSystem, words: str, state: ListState = ListState.FAILED) -> ListAsWritten:
    return ListAsWritten(
        name=source.name, state=state, causes=(words,), kind=source.kind.value, organisation=source.organisation
    )


def _in_words(written: ListAsWritten) -> str:
    if written.state is ListState.COMPLETE:
        return f"{len(written.entries)} medicines received"
    if written.state is ListState.PARTIAL:
        return f"{len(written.entries)} medicines received; the list is not complete"
    return "The list was withheld" if written.state is ListState.WITHHELD else "No list received"
