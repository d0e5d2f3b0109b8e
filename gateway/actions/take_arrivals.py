"""Look who is in hospital: ask every hospital for its stays under way, and keep what it tells."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.access import Person, require
from gateway.actions.keep_stay import Kept, keep_arrivals
from gateway.actions.reconcile import Knowledge
from gateway.actions.register_source import RegisteredSource, as_system, registered_sources
from gateway.records.ledger import Act
from gateway.records.lists import ListRole
from gateway.settings import Settings
from gateway.sources.arrivals import look_for_stays
from gateway.sources.connections import Connections
from gateway.sources.source import Kind
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.secrets import SecretBox
from gateway.store.tables import Stay

_STAYS = Stay.__table__  # type: ignore[attr-defined]


class SourceArrivals(Struct, frozen=True, kw_only=True):
    """What one hospital told. `causes` say why it may not be all; patients that are set aside stay on the worklist."""

    organisation: str
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ended: int = 0
    set_aside: int = 0
    causes: tuple[str, ...] = ()


async def take_arrivals(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    connections: Connections,
    *,
    now: Callable[[], dt.datetime],
    by: Person | None = None,
    seconds: float | None = None,
    timing: str | None = None,
) -> tuple[SourceArrivals, ...]:
    """One for each active hospital, by name; none where no hospital is registered. Doing it again changes nothing.

    `by` is None on the command line. A source that fails is told with its cause; it raises nothing but NotAllowed.
    """
    if by is not None:
        require(by, "arrivals.take")
    hospitals = [one for one in await asyncio.to_thread(registered_sources, database) if _has_inpatients(one)]
    looks = (_look(database, settings, knowledge, connections, one, now) for one in hospitals)
    found = tuple(await asyncio.gather(*looks))
    act = Act(
        kind="arrivals.looked-for",
        subject="gateway",
        actor=by.account if by else "command-line",
        role=by.role if by else "administrator",
        seconds=seconds,
        timing=timing,
        payload={"hospitals": len(found), "not_whole": sum(bool(one.causes) for one in found)},
    )
    await asyncio.to_thread(_note, database, act, now())
    return found


def _note(database: Database, act: Act, now: dt.datetime) -> None:
    with database.write() as connection:
        ledger.append(connection, [act], now.isoformat())


def _has_inpatients(one: RegisteredSource) -> bool:
    return one.kind == Kind.HOSPITAL.value or one.role == ListRole.INPATIENT.value


async def _look(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    connections: Connections,
    source: RegisteredSource,
    now: Callable[[], dt.datetime],
) -> SourceArrivals:
    known = await asyncio.to_thread(_under_way, database, source.id)
    present = await look_for_stays(
        as_system(source, SecretBox(settings.secret_key)),
        connections,
        classes=knowledge.rules.clinical.process.stay_classes,
        known=known,
        deadline_s=source.deadline_s or settings.source_deadline_s,
    )
    kept = await asyncio.to_thread(
        keep_arrivals,
        database,
        source=source.id,
        arrivals=present.arrivals,
        system=settings.identifier_system,
        now=now(),
    )
    count = Counter(kept)
    return SourceArrivals(
        organisation=source.organisation,
        new=count[Kept.NEW],
        changed=count[Kept.CHANGED],
        unchanged=count[Kept.UNCHANGED],
        ended=count[Kept.ENDED],
        set_aside=count[Kept.SET_ASIDE],
        causes=present.causes,
    )


def _under_way(database: Database, source: str) -> frozenset[str]:
    query = select(_STAYS.c.encounter).where(_STAYS.c.source == source, _STAYS.c.ended_at.is_(None))
    with database.read() as connection:
        return frozenset(connection.execute(query).scalars())
