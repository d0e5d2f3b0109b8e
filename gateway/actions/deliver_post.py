"""One attempt to give a document of the outbox to the organisation it is for."""

from __future__ import annotations

import asyncio

from gateway.actions.house import House
from gateway.actions.register_source import RegisteredSource, as_system, source_of
from gateway.actions.work_result import Result
from gateway.errors import InputError, NotFound
from gateway.sources.post import post_document
from gateway.store.outbox import Piece, body_of

#: Of one attempt, below what the outbox allows it.
WITHIN_S = 28.0


async def deliver_post(house: House, piece: Piece, last: bool) -> Result:
    """What it lacks to be sent fails at once; what the organisation answers says whether asking again may help."""
    source, content, media_type = await asyncio.to_thread(_of, house, piece)
    if source is None or source.state != "active" or not source.post_url:
        return Result(state="failed", problem="the organisation is not active here any more, or takes no documents")
    try:
        transport = house.connections.of(as_system(source, house.box))
    except InputError as error:
        return Result(state="failed", problem=error.words)
    got = await post_document(
        transport, source.post_url, content, media_type, str(piece.details["identifier"]), within_s=WITHIN_S
    )
    answer: dict[str, object] = {"status": got.status, "location": got.location}
    if got.problem is None:
        return Result(state="done", result=answer)
    return Result(state="waiting" if got.again else "failed", problem=got.problem, result=answer)


def _of(house: House, piece: Piece) -> tuple[RegisteredSource | None, bytes, str]:
    assert piece.body is not None
    assert piece.target is not None
    with house.database.read() as connection:
        content, media_type = body_of(connection, piece.body)
    try:
        return source_of(house.database, piece.target), content, media_type
    except NotFound:
        return None, content, media_type
