"""What fetching all lists at once costs above the slowest organisation asked alone, over HTTP on loopback."""

from __future__ import annotations

import asyncio
import datetime as dt
import time

from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.stories import load_stories
from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Fetched, Kind, PatientQuery, SourceSystem

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
_SETTINGS = Settings(allowed_networks=("127.0.0.0/8",))


def above_the_slowest(repeats: int) -> tuple[list[float], list[float], list[float]]:
    """Milliseconds of each of `repeats` turns: all three at once, the slowest alone, and the first less the second.

    In each turn every organisation is asked alone and then all together, over connections that are already open. The
    organisations share one thread and this process, so what they compute at the same time counts against the gateway.
    """
    stories = load_stories()
    one = next(p for p in stories.patients if p.key == "hargreaves")
    query = PatientQuery(identifier=one.nhs_number)
    organisations = (
        ("gp", Kind.GP, Dialect.GP_CONNECT_STU3, gp_practice),
        ("hospital", Kind.HOSPITAL, Dialect.UK_CORE_R4, hospital),
        ("pharmacy", Kind.COMMUNITY_PHARMACY, Dialect.UK_CORE_R4, pharmacy),
    )
    applications = {name: make(stories, lambda: NOW) for name, _, _, make in organisations}

    async def run(addresses: dict[str, str]) -> tuple[list[float], list[float], list[float]]:
        sources = [
            SourceSystem(name=name, organisation=name, kind=kind, base_url=addresses[name], dialect=dialect)
            for name, kind, dialect, _ in organisations
        ]
        together, slowest, above = [], [], []
        async with Connections(_SETTINGS) as ways:

            async def took(*asked: SourceSystem) -> float:
                start = time.perf_counter()
                found = await fetch_all(asked, query, _SETTINGS, connections=ways)
                milliseconds = (time.perf_counter() - start) * 1000
                _all_arrived(found)
                return milliseconds

            await took(*sources)
            for _ in range(repeats):
                alone = max([await took(source) for source in sources])
                all_three = await took(*sources)
                together.append(all_three)
                slowest.append(alone)
                above.append(all_three - alone)
        return together, slowest, above

    with served(applications) as addresses:
        return asyncio.run(run(addresses))


def _all_arrived(found: tuple[Fetched, ...]) -> None:
    """A list that did not arrive would be fast."""
    for one in found:
        if one.state is not ListState.COMPLETE or not one.list.entries:
            raise AssertionError(f"{one.source.name} is {one.state.value}: {'; '.join(one.causes)}")
