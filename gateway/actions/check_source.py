"""A source's self-test: what it offers, and what of a test patient's list can be understood. The report is kept.

A report holds counts, causes and times, and nothing of the test patient.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable

import msgspec
from msgspec import Struct
from sqlalchemy import insert, select

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.actions.reconcile import Knowledge
from gateway.actions.register_source import RegisteredSource, as_system, source_of
from gateway.normalise.lists import normalise_list
from gateway.records.dates import LONDON
from gateway.records.ledger import Act
from gateway.records.lists import ListState, MedicineList
from gateway.records.nhs_number import checked_identifier
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.fetch import fetch_list
from gateway.sources.offer import Offer, read_offer
from gateway.sources.problem import SourceProblem
from gateway.sources.source import PatientQuery
from gateway.sources.transport import GuardedTransport
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.secrets import SecretBox
from gateway.store.tables import SourceReport as ReportTable

_CERTIFICATE_WITHIN_S = 5.0

_TABLE = ReportTable.__table__  # type: ignore[attr-defined]


class TestFetch(Struct, frozen=True, kw_only=True):
    """One test patient's list in figures. `coded` entries carry a code that names something; shares are of `entries`.

    `doses_written` have an instruction, `doses_read` are understood; `quarantined` counts items by cause.
    """

    __test__ = False  # pytest collects names that begin with Test

    state: ListState
    causes: tuple[str, ...]
    warnings: tuple[str, ...]
    milliseconds: int
    received: int
    entries: int
    set_aside: int
    quarantined: dict[str, int]
    coded: int
    names_read: int
    doses_written: int
    doses_read: int


class SourceReport(Struct, frozen=True, kw_only=True):
    """`offer` is None with the reason in `no_offer`; `fetch` is None where no test patient was named."""

    at: str
    source: str
    offer: Offer | None
    no_offer: str | None
    fetch: TestFetch | None
    certificate_until: str | None
    milliseconds: int

    @property
    def good(self) -> bool:
        """The test list came whole, or without one the statement could be read."""
        return self.fetch.state is ListState.COMPLETE if self.fetch else self.offer is not None


_REPORT = msgspec.json.Decoder(SourceReport)


async def check_source(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    *,
    source: str,
    nhs_number: str | None,
    now: Callable[[], dt.datetime],
    by: Person | None = None,
) -> SourceReport:
    """Over connections of its own, so that it sees what a new connection sees. Raises InputError, NotFound."""
    if by is not None:
        require(by, "sources.edit")
    query = None
    if nhs_number:
        of = settings.identifier_system
        query = PatientQuery(identifier=checked_identifier(nhs_number, of), system=of)
    registered = await asyncio.to_thread(source_of, database, source)
    system = as_system(registered, SecretBox(settings.secret_key))
    began = asyncio.get_running_loop().time()
    async with Connections(settings, now) as connections:
        transport = connections.of(system)
        offer, no_offer = await _offer(transport)
        fetched = await _fetch(transport, query, settings, knowledge, now) if query else None
        until = await transport.certificate(asyncio.get_running_loop().time() + _CERTIFICATE_WITHIN_S)
    report = SourceReport(
        at=now().isoformat(),
        source=registered.name,
        offer=offer,
        no_offer=no_offer,
        fetch=fetched,
        certificate_until=until.isoformat() if until else None,
        milliseconds=round((asyncio.get_running_loop().time() - began) * 1000),
    )
    await asyncio.to_thread(_keep, database, registered, report, by)
    return report


def reports_of(database: Database, source: str, at_most: int = 20) -> tuple[SourceReport, ...]:
    """The newest first."""
    with database.read() as connection:
        query = select(_TABLE.c.report).where(_TABLE.c.source == source).order_by(_TABLE.c.at.desc()).limit(at_most)
        return tuple(_REPORT.decode(text) for text in connection.execute(query).scalars())


async def _offer(transport: GuardedTransport) -> tuple[Offer | None, str | None]:
    try:
        return await read_offer(transport), None
    except SourceProblem as problem:
        return None, problem.words


async def _fetch(
    transport: GuardedTransport,
    query: PatientQuery,
    settings: Settings,
    knowledge: Knowledge,
    now: Callable[[], dt.datetime],
) -> TestFetch:
    deadline = transport.source.deadline_s or settings.source_deadline_s
    got = await fetch_list(transport.source, query, transport, now, deadline_s=deadline)
    read = await asyncio.to_thread(normalise_list, got.list, knowledge.vocabulary, now().astimezone(LONDON).date())
    return _figures(read, round(got.seconds * 1000))


def _figures(read: MedicineList, milliseconds: int) -> TestFetch:
    written = read.written
    return TestFetch(
        state=written.state,
        causes=written.causes,
        warnings=written.warnings,
        milliseconds=milliseconds,
        received=written.received,
        entries=len(written.entries),
        set_aside=len(written.set_aside),
        quarantined=dict(sorted(Counter(q.cause for q in written.quarantined).items())),
        coded=sum(any(c.code and c.system for c in e.product.codes) for e in read.entries),
        names_read=sum(e.product.understood for e in read.entries),
        doses_written=sum(bool(e.written.dosages) for e in read.entries),
        doses_read=sum(e.dose.parsed for e in read.entries),
    )


def _keep(database: Database, source: RegisteredSource, report: SourceReport, by: Person | None) -> None:
    payload: dict[str, object] = {"good": report.good, "milliseconds": report.milliseconds}
    if report.fetch:
        payload |= {"state": report.fetch.state.value, "entries": report.fetch.entries}
    act = Act(
        kind="source.checked",
        subject=source.id,
        actor=by.account if by else "command-line",
        role=by.role if by else "administrator",
        payload=payload,
    )
    row = {"id": new_id(), "source": source.id, "at": report.at, "report": msgspec.json.encode(report).decode()}
    with database.write() as connection:
        connection.execute(insert(_TABLE), [row])
        ledger.append(connection, [act], report.at)
