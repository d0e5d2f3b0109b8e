"""Check the whole list and sign it off; open a signed review again."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.review_page import ShownReview
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, GatewayError, InputError, NotFound
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import shown

router = APIRouter()


@router.get("/reviews/{review}/sign-off")
async def sign_off_page(request: Request, review: str) -> Response:
    one = await asked(request)
    return _sign_off(one, await shown(one, review, record=False))


def _sign_off(one: Asked, shown: ShownReview, error: GatewayError | None = None) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "sign_off.html",
        one,
        error.http_status if error else 200,
        shown=shown.view,
        stored=shown.stored,
        age_now=shown.age,
        hindrances=shown.hindrances,
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
        )
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return _sign_off(one, await shown(one, review, record=False), error)
    return RedirectResponse(f"/reviews/{review}/sign-off", 303)


@router.post("/reviews/{review}/reopen")
async def reopening(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house = house_of(request)
    try:
        await asyncio.to_thread(
            reopen_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            reason=one.text("why"),
            by=one.person,
            now=house.now(),
        )
    except (InputError, Conflict) as error:
        return _sign_off(one, await shown(one, review, record=False), error)
    return RedirectResponse(f"/reviews/{review}", 303)
