"""How a signed outcome was sent: again, or withdrawn; and tasks after discharge, closed."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.follow_up_tasks import close_task
from gateway.errors import Conflict, InputError
from gateway.web.asked import asked, house_of
from gateway.web.worklist import worklist_page

router = APIRouter()


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
