"""Saved and moved time around a change, for one signed review."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.access import ROLE_WORDS, require
from gateway.actions.saved_and_moved import saved_and_moved
from gateway.errors import UsageError
from gateway.web.asked import asked, house_of

router = APIRouter()


@router.get("/labour/moved")
async def page(request: Request, change: str = "", weeks: str = "4") -> Response:
    one = await asked(request)
    require(one.person, "labour.see")
    house, found, error = house_of(request), None, None
    if change:
        try:
            count = int(weeks) if weeks.isdecimal() and len(weeks) < 4 else 0
            found = await asyncio.to_thread(
                saved_and_moved, house.database, change=change, weeks=count, by=one.person, now=house.now()
            )
        except UsageError as wrong:
            error = wrong
    rendered: Response = request.app.state.renderer.page(
        "saved_and_moved.html",
        one,
        error.http_status if error else 200,
        found=found,
        error=error.words if error else None,
        change=change,
        weeks=weeks,
        roles=ROLE_WORDS,
    )
    return rendered
