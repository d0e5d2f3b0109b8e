"""Who works on a review: take it, or give it to another pharmacist with a note."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.handover import assign, handover_page
from gateway.actions.words import age
from gateway.errors import Conflict, GatewayError, InputError
from gateway.web.asked import Asked, asked, house_of
from gateway.web.board import asked_filters

router = APIRouter()


@router.get("/reviews/{review}/handover")
async def page(request: Request, review: str) -> Response:
    return await _page(await asked(request), review)


async def _page(one: Asked, review: str, error: GatewayError | None = None) -> Response:
    house = house_of(one.request)
    now = house.now()
    found = await asyncio.to_thread(handover_page, house.database, review=review, by=one.person, now=now)
    rendered: Response = one.request.app.state.renderer.page(
        "handover.html",
        one,
        error.http_status if error else 200,
        found=found,
        age_now=age(found.patient.birth_date, now.date()),
        filters=asked_filters(one.form or dict(one.request.query_params)),
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


@router.post("/reviews/{review}/handover")
async def giving(request: Request, review: str) -> Response:
    """`to` "me" takes it. Who came too late is told who was faster, and sees the form as it was filled in."""
    one = await asked(request)
    require(one.person, "review.assign")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            assign,
            house.database,
            review=review,
            to=one.person.account if one.text("to") == "me" else one.text("to"),
            note=one.text("note"),
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await _page(one, review, error)
    return RedirectResponse(asked_filters(one.form).address(), 303)
