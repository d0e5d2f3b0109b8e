"""Decide entries of one row apart, or together again."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.part_row import join_parts, part_row
from gateway.errors import Conflict, GatewayError, InputError, NotFound
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import address, shown

router = APIRouter()


@router.get("/reviews/{review}/rows/{row}/parts")
async def parts_page(request: Request, review: str, row: str) -> Response:
    return await _page(await asked(request), review, row)


@router.post("/reviews/{review}/rows/{row}/parts")
async def parting(request: Request, review: str, row: str) -> Response:
    """The review goes on as a new one; the person is brought there."""
    one = await asked(request)
    require(one.person, "review.decide")
    house = house_of(request)
    try:
        if one.text("act") == "join":
            made = await asyncio.to_thread(
                join_parts, house.database, house.knowledge, review=review, row=row, reason=one.text("reason"),
                by=one.person, now=house.now(),
            )  # fmt: skip
        else:
            ticked = [value for field, value in one.form.items() if field.startswith("entry-")]
            made = await asyncio.to_thread(
                part_row, house.database, house.knowledge, review=review, row=row, entries=ticked,
                reason=one.text("reason"), by=one.person, now=house.now(),
            )  # fmt: skip
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await _page(one, review, row, error)
    return RedirectResponse(address(made, "all", "", row), 303)


async def _page(one: Asked, review: str, row: str, error: GatewayError | None = None) -> Response:
    require(one.person, "review.decide")
    found = await shown(one, review, record=False)
    which = next((r for r in found.view.rows if r.id == row), None)
    if which is None:
        raise NotFound("There is no such row in this review.")
    rendered: Response = one.request.app.state.renderer.page(
        "parts.html",
        one,
        error.http_status if error else 200,
        shown=found.view,
        stored=found.stored,
        age_now=found.age,
        row=which,
        entries=[e for cell in which.cells for e in (*cell.entries, *cell.others)],
        titles={c.name: c.title for c in found.view.columns},
        error=error.words if error else None,
        given=one.form,
    )
    return rendered
