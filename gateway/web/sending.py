"""How a signed outcome was sent: again, or withdrawn; and tasks after discharge, closed."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.follow_up_tasks import close_task
from gateway.actions.send_outcome import outgoing_document, send_again, send_outcome, withdraw_sending
from gateway.errors import Conflict, InputError, NotFound
from gateway.web.asked import asked, house_of
from gateway.web.sign_off import sign_off
from gateway.web.worklist import worklist_page

router = APIRouter()


@router.post("/reviews/{review}/send")
async def send(request: Request, review: str) -> Response:
    """Nothing is chosen beforehand: the pharmacist says to whom."""
    one = await asked(request)
    require(one.person, "outcome.send")
    house, timing = house_of(request), one.timing()
    try:
        if not one.text("endpoint"):
            raise InputError("Choose who the signed list is sent to.")
        outgoing = await asyncio.to_thread(
            outgoing_document, house.database, review=review, by=one.person, now=house.now()
        )
        await asyncio.to_thread(
            send_outcome,
            house.database,
            review=review,
            endpoint=one.text("endpoint"),
            outgoing=outgoing,
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}/sign-off#sent", 303)


@router.post("/reviews/{review}/send/{item}/{what}")
async def change(request: Request, review: str, item: str, what: str) -> Response:
    """`what` is again or withdraw."""
    one = await asked(request)
    require(one.person, "outcome.send")
    house = house_of(request)
    act = {"again": send_again, "withdraw": withdraw_sending}.get(what)
    if act is None:
        raise NotFound("There is no such page.")
    try:
        await asyncio.to_thread(act, house.database, review=review, item=item, by=one.person, now=house.now())
    except Conflict as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}/sign-off#sent", 303)


@router.post("/follow-up/{task}/close")
async def closing(request: Request, task: str) -> Response:
    one = await asked(request)
    require(one.person, "follow-up.close")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            close_task,
            house.database,
            task=task,
            reason=one.text("why"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await worklist_page(one, error.http_status, task_error=(task, error.words))
    return RedirectResponse("/worklist#follow-up", 303)
