"""Give one document to an organisation by FHIR POST, so that it is taken once however often it is sent.

The document's identifier goes as `If-None-Exist` (FHIR conditional create) and as `Idempotency-Key` (IETF draft); a
receiver that honours either keeps one.
"""

from __future__ import annotations

import asyncio
from urllib.parse import quote

from msgspec import Struct

from gateway.sources.pages import issue_codes
from gateway.sources.problem import NotPermitted, SourceProblem
from gateway.sources.transport import GuardedTransport

TAKEN = frozenset({200, 201, 202, 204})

_NOT_IMPLEMENTED = 501
#: Asking again may help: time-outs, conflicts with our own request still under way, too many requests, its own errors.
_MAY_HEAL = frozenset({408, 409, 423, 425, 429})

_LONGEST_LOCATION = 300


class Posted(Struct, frozen=True, kw_only=True):
    """`problem` is None where the document was taken; `again`: asking again may help. No patient data in any field."""

    status: int | None = None
    location: str | None = None
    problem: str | None = None
    again: bool = False


async def post_document(
    transport: GuardedTransport, url: str, content: bytes, media_type: str, identifier: str, *, within_s: float
) -> Posted:
    """What came of one attempt; never raises because of the organisation."""
    headers = {
        "Content-Type": media_type,
        "If-None-Exist": f"identifier={quote('urn:ietf:rfc:3986|' + identifier, safe=':')}",
        "Idempotency-Key": f'"{identifier.removeprefix("urn:uuid:")}"',
    }
    until = asyncio.get_running_loop().time() + within_s
    try:
        async with asyncio.timeout_at(until):
            answer = await transport.call("POST", url, until=until, body=content, headers=headers)
    except NotPermitted as problem:
        return Posted(problem=problem.words)
    except SourceProblem as problem:
        return Posted(problem=problem.words, again=True)
    except TimeoutError:
        return Posted(problem=f"no whole answer within {within_s:g} seconds", again=True)
    if answer.status in TAKEN:
        return Posted(status=answer.status, location=_safe(answer.location))
    codes = ", ".join(issue_codes(answer))
    words = "it reported an error of its own" if answer.status >= 500 else "it refused the document"
    if answer.status in _MAY_HEAL:
        words = "it cannot take the document now"
    return Posted(
        status=answer.status,
        problem=f"{words} ({answer.status}{': ' + codes if codes else ''})",
        again=answer.status in _MAY_HEAL or (answer.status >= 500 and answer.status != _NOT_IMPLEMENTED),
    )


def _safe(location: str | None) -> str | None:
    """A reference to what was made, kept only as far as it is plainly one."""
    plain = location and location.isascii() and location.isprintable() and len(location) <= _LONGEST_LOCATION
    return location if plain else None
