"""Check the whole list and sign it off; open a signed review again."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.send_outcome import endpoints, sendings
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, GatewayError, InputError, NotFound
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import shown

router = APIRouter()


@router.get("/reviews/{review}/sign-off")
async def sign_off_page(request: Request, review: str) -> Response:
    one = await asked(request)
    return await sign_off(one, review)


async def sign_off(one: Asked, review: str, error: GatewayError | None = None) -> Response:
    """The page on which a review is checked, signed and sent."""
    found = await shown(one, review, record=False)
    database = house_of(one.request).database
    rendered: Response = one.request.app.state.renderer.page(
        "sign_off.html",
        one,
        error.http_status if error else 200,
        shown=found.view,
        stored=found.stored,
        age_now=found.age,
        hindrances=found.hindrances,
        sendings=await asyncio.to_thread(sendings, database, review),
        endpoints=await asyncio.to_thread(endpoints, database),
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


@router.post("/reviews/{review}/sign-off")
async def signing_off(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house, timing = house_of(request), one.timing()
    try:
        if one.text("confirm") != "yes":
            raise InputError("Tick the box to say that you checked the list.")
        await asyncio.to_thread(
            sign_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            override=one.text("override") or None,
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
            follow_up_days=house.settings.follow_up_days,
        )
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}/sign-off", 303)


@router.post("/reviews/{review}/reopen")
async def reopening(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            reopen_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            reason=one.text("why"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}", 303)
