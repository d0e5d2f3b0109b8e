"""The spine chart: places beside each other on the same measures, with intervals."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.compare_places import PLACES, compare_places
from gateway.actions.metric_cards_page import cards_of
from gateway.web.asked import asked, house_of
from gateway.web.metric_cards import in_words

router = APIRouter()


@router.get("/labour/compare/{what}")
async def page(request: Request, what: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    cards = cards_of(house.settings.metric_cards)
    lines = await asyncio.to_thread(compare_places, house.database, cards, what=what, by=one.person, now=house.now())
    rendered: Response = request.app.state.renderer.page(
        "compare.html", one, lines=lines, what=what, places=PLACES, words=in_words
    )
    return rendered
