"""Put the invented people into two FHIR servers that others wrote: a hospital's and a pharmacy's, both R4.

The GP practice is not among them: GP Connect's operation is STU3 and its own, and no general FHIR server has it.
"""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from gateway.demo.records_r4 import hospital_records, pharmacy_records
from gateway.demo.stories import Stories
from gateway.errors import InputError
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.pages import check_status, read_resource
from gateway.sources.problem import NotPermitted, SourceProblem
from gateway.sources.source import Dialect, Kind, SourceSystem
from gateway.sources.transport import GuardedTransport

Tree = dict[str, Any]
#: Told while it works; one line at a time, of invented people only.
Tell = Callable[[str], None]

#: One try at /metadata: a server that is starting takes the connection and answers late.
_TRY_S = 30.0
_BETWEEN_TRIES_S = 1.0
_TRANSACTION_S = 120.0
_FHIR = {"Content-Type": "application/fhir+json"}


def demo_sources(stories: Stories, hospital_url: str, pharmacy_url: str) -> tuple[SourceSystem, SourceSystem]:
    """The two organisations of the stories at these addresses, each asked in another dialect."""
    hospital, pharmacy = stories.organisations["hospital"], stories.organisations["pharmacy"]
    return (
        SourceSystem(
            name="hospital",
            organisation=hospital.name,
            kind=Kind.HOSPITAL,
            base_url=hospital_url,
            dialect=Dialect.UK_CORE_R4,
            ods_code=hospital.ods,
            fhir_version="4.0",
        ),
        SourceSystem(
            name="pharmacy",
            organisation=pharmacy.name,
            kind=Kind.COMMUNITY_PHARMACY,
            base_url=pharmacy_url,
            dialect=Dialect.GENERIC_R4,
            ods_code=pharmacy.ods,
            fhir_version="4.0",
            coverage="Holds what this pharmacy handed over, and no allergies.",
        ),
    )


async def load_records(
    stories: Stories, sources: tuple[SourceSystem, SourceSystem], settings: Settings, now: dt.datetime,
    *, wait_s: float, tell: Tell,
) -> None:  # fmt: skip
    """Wait until both answer, then put every person's record as one transaction; doing it again changes only dates.

    Raises InputError where a server does not answer as R4 within `wait_s` seconds, may not be asked at all, or does
    not take every resource.
    """
    hospital, pharmacy = sources
    async with Connections(settings) as connections:
        until = asyncio.get_running_loop().time() + wait_s
        await asyncio.gather(*(_ready(connections.of(one), until, tell) for one in sources))
        for one in stories.patients:
            await _put(connections.of(hospital), one.key, hospital_records(one, stories, now))
            await _put(connections.of(pharmacy), one.key, pharmacy_records(one, now))
    for source in sources:
        tell(f"{source.name}: holds {len(stories.patients)} invented people")


async def _ready(transport: GuardedTransport, until: float, tell: Tell) -> None:
    name, said = transport.source.name, ""
    loop = asyncio.get_running_loop()
    while True:
        try:
            async with asyncio.timeout_at(min(until, loop.time() + _TRY_S)):
                answer = await transport.call("GET", "metadata", until=until)
                check_status(answer, "its capabilities")
                version = (await read_resource(answer, "its capabilities")).get("fhirVersion")
            break
        except NotPermitted as problem:
            raise InputError(f"{name}: {problem.words}") from None
        except SourceProblem as problem:
            words = problem.words
        except TimeoutError:
            words = "it does not answer"
        if words != said:
            tell(f"{name}: {words}; waiting")
            said = words
        if loop.time() + _BETWEEN_TRIES_S >= until:
            raise InputError(f"{name}: {words}, and the time to wait for it is over")
        await asyncio.sleep(_BETWEEN_TRIES_S)
    if not str(version).startswith("4.0"):
        raise InputError(f"{name}: it says of itself that it is no FHIR R4 server, so nothing was put there")


async def _put(transport: GuardedTransport, person: str, resources: list[Tree]) -> None:
    base = transport.source.base_url.rstrip("/")
    body = msgspec.json.encode(transaction(base, resources))
    until = asyncio.get_running_loop().time() + _TRANSACTION_S
    try:
        async with asyncio.timeout_at(until):
            answer = await transport.call("POST", base, until=until, body=body, headers=_FHIR)
            check_status(answer, "the transaction")
            taken = await read_resource(answer, "the answer to a transaction")
    except SourceProblem as problem:
        raise InputError(f"{transport.source.name}: the record of {person}: {problem.words}") from None
    except TimeoutError:
        raise InputError(f"{transport.source.name}: the record of {person}: no answer in time") from None
    statuses = [str((entry.get("response") or {}).get("status", "")) for entry in taken.get("entry") or []]
    good = sum(status.startswith(("200", "201")) for status in statuses)
    if good != len(resources):
        raise InputError(f"{transport.source.name}: the record of {person}: {good} of {len(resources)} were taken")


def transaction(base: str, resources: Iterable[Tree]) -> Tree:
    """A transaction Bundle that puts each resource under its own id."""
    entries = []
    for one in resources:
        place = f"{one['resourceType']}/{one['id']}"
        entries.append(
            {"fullUrl": f"{base}/{place}", "resource": one, "request": {"method": "PUT", "url": place}}
        )  # fmt: skip
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}
