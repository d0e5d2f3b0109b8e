"""What a FHIR server says it can do. Kept for an hour in the transport's memory; it holds nothing of patients."""

from __future__ import annotations

import asyncio

import msgspec
from msgspec import Struct

from gateway.sources.attempt import Attempt
from gateway.sources.problem import SourceProblem

_KEPT_FOR_S = 3600.0


class Capabilities(Struct, frozen=True):
    """`searchable`: resource types with a search interaction."""

    fhir_version: str | None
    searchable: frozenset[str]


class _Interaction(Struct):
    code: str | None = None


class _Type(Struct):
    type: str | None = None
    interaction: list[_Interaction] = []


class _Rest(Struct):
    mode: str | None = None
    resource: list[_Type] = []


class _Statement(Struct):
    resourceType: str  # noqa: N815 - FHIR's name
    fhirVersion: str | None = None  # noqa: N815
    rest: list[_Rest] = []


# Built here, by one thread: two that are the first to decode a type at the same moment end the process.
_STATEMENT = msgspec.json.Decoder(_Statement)


async def capabilities(attempt: Attempt) -> Capabilities | None:
    """From memory if young enough, else from the server; None where it does not say. Never raises SourceProblem."""
    now = asyncio.get_running_loop().time()
    kept = attempt.transport.remembered
    there = kept.get("metadata")
    if there and now - there[0] < _KEPT_FOR_S and isinstance(there[1], Capabilities):
        return there[1]
    try:
        answer = await attempt.ask("GET", "metadata")
        statement = _STATEMENT.decode(answer.body) if answer.status == 200 else None
    except (SourceProblem, msgspec.DecodeError, UnicodeDecodeError):
        return None
    if statement is None or statement.resourceType not in {"CapabilityStatement", "Conformance"}:
        return None
    types = [one for rest in statement.rest if rest.mode != "client" for one in rest.resource]
    found = Capabilities(
        fhir_version=statement.fhirVersion,
        searchable=frozenset(
            one.type for one in types if one.type and any(i.code == "search-type" for i in one.interaction)
        ),
    )
    if not found.searchable:
        return None
    kept["metadata"] = (now, found)
    return found
