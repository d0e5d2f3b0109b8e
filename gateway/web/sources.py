"""The organisations: who is connected, and how they answered."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.sources_page import sources_page
from gateway.web.asked import asked, house_of

router = APIRouter()


@router.get("/sources")
async def page(request: Request) -> Response:
    one = await asked(request)
    lines = await asyncio.to_thread(sources_page, house_of(request).database, by=one.person)
    rendered: Response = request.app.state.renderer.page("sources.html", one, lines=lines)
    return rendered
