"""What runs by itself: the outbox, piece by piece, a few at a time, until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection
from contextlib import suppress

from gateway.actions.do_work import claim_work, do_piece
from gateway.actions.house import House

_LOG = logging.getLogger(__name__)

#: At a time, so that one slow organisation does not hold up the others.
LANES = 4
#: Between two looks when there is nothing to do.
POLL_S = 1.0
#: So long a stop waits for what is being done; the rest is claimed again once its lease has ended.
GRACE_S = 5.0


async def run_worker(house: House, stop: asyncio.Event) -> None:
    """Until `stop` is set. A database that does not answer is waited for, not given up."""
    lanes = [asyncio.create_task(_lane(house, stop)) for _ in range(LANES)]
    await stop.wait()
    _, left = await asyncio.wait(lanes, timeout=GRACE_S)
    for one in left:
        one.cancel()
    await asyncio.gather(*lanes, return_exceptions=True)


async def _lane(house: House, stop: asyncio.Event) -> None:
    while not stop.is_set():
        if not await _one(house):
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), POLL_S)


async def _one(house: House) -> bool:
    """Whether there was anything to do."""
    try:
        piece = await asyncio.to_thread(claim_work, house.database, house.now())
        if piece is not None:
            await do_piece(house, piece)
    except Exception as error:
        # Its text may hold what stands in a row.
        _LOG.error("worker: %s", type(error).__name__)
        return False
    return piece is not None


async def do_what_is_due(house: House, kinds: Collection[str] = ()) -> dict[str, int]:
    """Everything that is due at this moment, one by one; how many ended in each state."""
    counts: dict[str, int] = {}
    while (piece := await asyncio.to_thread(claim_work, house.database, house.now(), kinds)) is not None:
        state = await do_piece(house, piece)
        counts[state] = counts.get(state, 0) + 1
    return counts
