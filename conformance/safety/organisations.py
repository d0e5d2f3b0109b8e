"""The demo's three organisations, each behind a proxy that can misbehave, and one patient's lists fetched from them."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from conformance.safety.proxy import FaultProxy
from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.sources.addresses import Resolve, resolve
from gateway.sources.connections import Connections
from gateway.sources.credentials import Credentials
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Fetched, Kind, PatientQuery, SourceSystem

POSITIONS = ("gp", "hospital", "pharmacy")
DEADLINE_S = 1.5
NOW = dt.datetime(2026, 11, 26, 9, 0, tzinfo=dt.UTC)

_KINDS = {
    "gp": (gp_practice, Kind.GP, Dialect.GP_CONNECT_STU3),
    "hospital": (hospital, Kind.HOSPITAL, Dialect.UK_CORE_R4),
    "pharmacy": (pharmacy, Kind.COMMUNITY_PHARMACY, Dialect.GENERIC_R4),
}
#: The demo patient with a medicine on every list, nobody's troubles, and test-range number.
PATIENT = next(one for one in load_stories().patients if one.key == "hargreaves")


class Ways(Struct, frozen=True, kw_only=True):
    """How one source is reached otherwise than by its proxy's address; `allowed` are the site's networks for it."""

    base_url: str | None = None
    look_up: Resolve = resolve
    allowed: tuple[str, ...] = ("127.0.0.0/8",)
    credentials: Credentials | None = None


@asynccontextmanager
async def behind_proxies() -> AsyncIterator[dict[str, FaultProxy]]:
    stories = load_stories()
    applications = {name: make(stories, lambda: NOW) for name, (make, *_) in _KINDS.items()}
    with served(applications) as addresses:
        async with AsyncExitStack() as stack:
            yield {name: await stack.enter_async_context(FaultProxy(addresses[name])) for name in POSITIONS}


async def fetch(
    proxies: Mapping[str, FaultProxy], ways: Mapping[str, Ways] | None = None, number: str = PATIENT.nhs_number
) -> tuple[Fetched, ...]:
    """All three at once, each over connections of its own. Raises InputError for a number that cannot be one."""
    query = PatientQuery(identifier=number)
    each = (_one(name, proxies[name], (ways or {}).get(name, Ways()), query) for name in POSITIONS)
    return tuple(await asyncio.gather(*each))


async def _one(name: str, proxy: FaultProxy, ways: Ways, query: PatientQuery) -> Fetched:
    _, kind, dialect = _KINDS[name]
    source = SourceSystem(
        name=name,
        organisation=name,
        kind=kind,
        base_url=ways.base_url or proxy.base,
        dialect=dialect,
        credentials=ways.credentials,
    )
    settings = Settings(allowed_networks=ways.allowed, source_deadline_s=DEADLINE_S)
    async with Connections(settings, lambda: NOW, ways.look_up) as connections:
        (found,) = await fetch_all([source], query, settings, connections=connections, now=lambda: NOW)
    return found
