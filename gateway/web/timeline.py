"""Medicines over time: a drawing, and the same as a table."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.timeline_page import timeline_page
from gateway.web.asked import asked, house_of

router = APIRouter()


@router.get("/reviews/{review}/timeline")
async def timeline(request: Request, review: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        timeline_page, house.database, house.knowledge, review=review, by=one.person, now=house.now()
    )
    shown = found.shown
    rendered: Response = request.app.state.renderer.page(
        "timeline.html", one, shown=shown.view, stored=shown.stored, age_now=shown.age, found=found
    )
    return rendered
