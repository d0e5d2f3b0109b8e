"""Do one piece of work of the outbox: claim it, see that it still holds, try it, and write what came of it once."""

from __future__ import annotations

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.deliver_post import deliver_post
from gateway.actions.follow_up import follow_up_now
from gateway.actions.house import House
from gateway.actions.withdraw_work import FOLLOW_UP, POST, act_of
from gateway.actions.work_result import Result
from gateway.store import ledger, outbox
from gateway.store.database import Database
from gateway.store.tables import Review

_LOG = logging.getLogger(__name__)
_REVIEWS = Review.__table__  # type: ignore[attr-defined]

NOT_SIGNED = "the review was opened again, or signed anew, before this was done"

#: A piece that ends its worker each time would else be claimed for ever: 24 hours of pauses are some 35 attempts.
MOST_ATTEMPTS = 60

Perform = Callable[[House, outbox.Piece, bool], Awaitable[Result]]


class Way(Struct, frozen=True):
    """How a kind of work is done, the most seconds one attempt takes (below the lease), and what its end is called."""

    perform: Perform
    seconds: float
    done: str


WAYS: Mapping[str, Way] = {
    POST: Way(deliver_post, 30.0, "sent"),
    FOLLOW_UP: Way(follow_up_now, 100.0, "done"),
}


def claim_work(database: Database, now: dt.datetime, kinds: Collection[str] = ()) -> outbox.Piece | None:
    """The next piece that is due, of these kinds or of all that this gateway knows; None where nothing is."""
    wanted = tuple(kinds or WAYS)
    with database.read() as connection:
        if not outbox.due_now(connection, now, wanted):
            return None
    with database.write() as connection:
        return outbox.claim(connection, now, wanted)


async def do_piece(house: House, piece: outbox.Piece) -> str:
    """The state it is in afterwards: done, failed, withdrawn or waiting. Never raises because of the work itself."""
    way, now = WAYS[piece.kind], house.now()
    if not await asyncio.to_thread(_holds, house.database, piece):
        return await asyncio.to_thread(_write, house, piece, Result(state="withdrawn", problem=_undone(piece)))
    later = now + outbox.pause(piece.attempts)
    last = outbox.moment(later) >= piece.give_up_at
    if piece.attempts > MOST_ATTEMPTS:
        lost = Result(state="failed", problem=f"given up: the worker ended in each of {MOST_ATTEMPTS} attempts")
        return await asyncio.to_thread(_write, house, piece, lost)
    try:
        async with asyncio.timeout(way.seconds):
            result = await way.perform(house, piece, last)
    except TimeoutError:
        result = Result(state="waiting", problem=f"not done within {way.seconds:g} seconds")
    except Exception as error:
        # Its text may hold patient data, so only its kind is told.
        _LOG.error("work %s: %s", piece.kind, type(error).__name__)
        result = Result(state="waiting", problem="a fault of the gateway itself; it is tried again")
    if result.state == "waiting" and last:
        hours = (dt.datetime.fromisoformat(piece.give_up_at) - dt.datetime.fromisoformat(piece.due_at)) / _HOUR
        words = f"given up after {hours:g} hours and {piece.attempts} attempts; the last: {result.problem}"
        result = Result(state="failed", problem=words, result=result.result, write=result.write)
    return await asyncio.to_thread(_write, house, piece, result, later)


_HOUR = dt.timedelta(hours=1)


def _undone(piece: outbox.Piece) -> str:
    before = piece.attempts - 1
    return NOT_SIGNED if not before else f"{NOT_SIGNED}; an attempt before may have arrived all the same"


def _holds(database: Database, piece: outbox.Piece) -> bool:
    """Whether the signature that the work is for still stands."""
    if piece.signed_at is None:
        return True
    with database.read() as connection:
        row = connection.execute(
            select(_REVIEWS.c.state, _REVIEWS.c.signed_at).where(_REVIEWS.c.id == piece.subject)
        ).first()
    return row is not None and row.state == "signed" and row.signed_at == piece.signed_at


def _write(house: House, piece: outbox.Piece, result: Result, later: dt.datetime | None = None) -> str:
    now = house.now()
    with house.database.write() as connection:
        if result.state == "waiting":
            assert later is not None
            held = outbox.put_off(connection, piece, later, result.problem or "")
        else:
            held = outbox.end(connection, piece, result.state, now, problem=result.problem, result=result.result)
        if not held:  # somebody else has it now, and writes what came of it
            return "lost"
        acts = list(result.write(connection, now)) if result.write else []
        if result.state != "waiting":
            what = WAYS[piece.kind].done if result.state == "done" else result.state
            said = {**result.result, **({"problem": result.problem} if result.problem else {})}
            acts.append(act_of(piece, what, said))
        ledger.append(connection, acts, now.isoformat())
    return result.state
