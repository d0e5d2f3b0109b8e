"""What a server says it can do, read for the person who connects it: version, software, types, search parameters."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from gateway.sources.problem import SourceProblem
from gateway.sources.source import Dialect
from gateway.sources.transport import GuardedTransport

_OPERATION = "gpc.getstructuredrecord"


class Offer(Struct, frozen=True, kw_only=True):
    """`searches`: resource type -> its search parameters. `dialect` is what fits, by these signs alone."""

    fhir_version: str | None
    software: str | None
    searches: dict[str, tuple[str, ...]]
    operations: tuple[str, ...]
    dialect: Dialect | None
    milliseconds: int


class _Named(Struct):
    name: str | None = None
    code: str | None = None
    version: str | None = None


class _Type(Struct):
    type: str | None = None
    interaction: list[_Named] = []
    searchParam: list[_Named] = []  # noqa: N815 - FHIR's name
    operation: list[_Named] = []


class _Rest(Struct):
    mode: str | None = None
    resource: list[_Type] = []
    operation: list[_Named] = []


class _Statement(Struct):
    resourceType: str  # noqa: N815 - FHIR's name
    fhirVersion: str | None = None  # noqa: N815
    software: _Named | None = None
    rest: list[_Rest] = []
    implementationGuide: list[str] = []  # noqa: N815
    instantiates: list[str] = []


# Built here, by one thread: two that are the first to decode a type at the same moment end the process.
_STATEMENT = msgspec.json.Decoder(_Statement)


async def read_offer(transport: GuardedTransport, within_s: float = 10.0) -> Offer:
    """Raises SourceProblem, in words, where the server gives no statement that can be used."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    try:
        async with asyncio.timeout(within_s):
            answer = await transport.call("GET", "metadata", until=began + within_s)
    except TimeoutError:
        raise SourceProblem(f"no whole answer within {within_s:g} seconds") from None
    if answer.status != 200:
        raise SourceProblem(f"it does not give its CapabilityStatement ({answer.status})", status=answer.status)
    try:
        said = _STATEMENT.decode(answer.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise SourceProblem("what it gives at /metadata is no CapabilityStatement") from None
    if said.resourceType not in {"CapabilityStatement", "Conformance"}:
        raise SourceProblem("what it gives at /metadata is no CapabilityStatement")
    servers = [rest for rest in said.rest if rest.mode != "client"]
    types = [one for rest in servers for one in rest.resource]
    searches = {
        one.type: tuple(sorted({p.name for p in one.searchParam if p.name}))
        for one in types
        if one.type and any(i.code == "search-type" for i in one.interaction)
    }
    own = [o for rest in servers for o in rest.operation] + [o for one in types for o in one.operation]
    operations = tuple(sorted({o.name.lstrip("$") for o in own if o.name}))
    guides = " ".join((*said.implementationGuide, *said.instantiates)).lower()
    software = " ".join(w for w in (said.software.name, said.software.version) if w) if said.software else ""
    return Offer(
        fhir_version=said.fhirVersion,
        software=software[:100] or None,
        searches=dict(sorted(searches.items())),
        operations=operations,
        dialect=_dialect(said.fhirVersion or "", operations, guides),
        milliseconds=round((loop.time() - began) * 1000),
    )


def _dialect(version: str, operations: tuple[str, ...], guides: str) -> Dialect | None:
    if any(_OPERATION in one for one in operations):
        return Dialect.GP_CONNECT_STU3
    if version.startswith("4."):
        return Dialect.UK_CORE_R4 if "ukcore" in guides or "uk.core" in guides else Dialect.GENERIC_R4
    return {"3": Dialect.GENERIC_STU3, "5": Dialect.GENERIC_R5}.get(version[:1])
