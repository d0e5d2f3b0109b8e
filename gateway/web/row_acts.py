"""Around a row: the prescriber's reply, which medicine an unread name is, what an item is that was not understood."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.join_rows import join, part
from gateway.actions.quarantine_notes import note_quarantined, undo_note
from gateway.actions.queries import answer_query
from gateway.errors import Conflict, GatewayError, InputError, NotFound
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import address, back, render, shown

router = APIRouter()


@router.post("/reviews/{review}/queries/{query}")
async def replying(request: Request, review: str, query: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        row = await asyncio.to_thread(
            answer_query,
            house.database,
            review=review,
            query=query,
            reply=one.text("reply"),
            answered_by=one.text("answered_by"),
            answered_when=one.text("answered_when"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return render(one, await shown(one, review, record=False), error=error)
    return RedirectResponse(back(review, one, row), 303)


@router.post("/reviews/{review}/not-understood")
async def noting(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    found = await shown(one, review, record=False)
    try:
        await asyncio.to_thread(
            note_quarantined,
            house.database,
            found.stored.reconciliation,
            review=review,
            list_name=one.text("list"),
            resource=one.text("resource"),
            note=one.text("note"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return render(one, found, error=error)
    return RedirectResponse(back(review, one, "about"), 303)


@router.post("/reviews/{review}/not-understood/{note}/undo")
async def taking_back(request: Request, review: str, note: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            undo_note, house.database, review=review, note=note, by=one.person, now=house.now(),
            seconds=timing.seconds, timing=timing.how,
        )  # fmt: skip
    except Conflict as error:
        return render(one, await shown(one, review, record=False), error=error)
    return RedirectResponse(back(review, one, "about"), 303)


@router.get("/reviews/{review}/rows/{row}/names")
async def names_page(request: Request, review: str, row: str) -> Response:
    return await _names(await asked(request), review, row)


@router.post("/reviews/{review}/rows/{row}/names")
async def naming(request: Request, review: str, row: str) -> Response:
    """The review goes on as a new one, matched anew; the person is brought there."""
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        if one.text("act") == "part":
            made = await asyncio.to_thread(
                part, house.database, house.knowledge, review=review, entry=one.text("entry"),
                reason=one.text("reason"), by=one.person, now=house.now(), seconds=timing.seconds, timing=timing.how,
            )  # fmt: skip
        else:
            made = await asyncio.to_thread(
                join, house.database, house.knowledge, review=review, entry=one.text("entry"),
                read_as=one.text("read_as"), everywhere={"here": False, "everywhere": True}.get(one.text("scope")),
                reason=one.text("reason"), by=one.person, now=house.now(), seconds=timing.seconds, timing=timing.how,
            )  # fmt: skip
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await _names(one, review, row, error)
    return RedirectResponse(address(made, "all", ""), 303)


async def _names(one: Asked, review: str, row: str, error: GatewayError | None = None) -> Response:
    require(one.person, "alias.confirm")
    found = await shown(one, review, record=False)
    entries = found.stored.reconciliation.entries()
    which = next((r for r in found.stored.reconciliation.rows if r.id == row), None)
    if which is None:
        raise NotFound("There is no such row in this review.")
    mine = [entries[e] for e in which.entries]
    rendered: Response = one.request.app.state.renderer.page(
        "names.html",
        one,
        error.http_status if error else 200,
        shown=found.view,
        stored=found.stored,
        age_now=found.age,
        row=which,
        unread=[e for e in mine if not e.product.understood and not e.product.contradictions],
        joined=[e for e in mine if e.product.confirmed],
        known=sorted({r.medicine for r in found.stored.reconciliation.rows if r.ingredients}),
        error=error.words if error else None,
        given=one.form,
    )
    return rendered
