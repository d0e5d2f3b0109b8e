"""The worklist, which is the ward board, and fetching a patient's lists with progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from gateway.actions.access import require
from gateway.actions.follow_up_tasks import WHAT, open_tasks
from gateway.actions.note_wait import note_wait
from gateway.actions.take_arrivals import SourceArrivals, take_arrivals
from gateway.actions.worklist import clock_limit, identifier_of, set_aside, worklist
from gateway.errors import GatewayError, InputError
from gateway.web.access_log import note_look
from gateway.web.asked import Asked, asked, house_of
from gateway.web.board import asked_filters, board
from gateway.web.fetching import Fetching, fetching_of, news_of

router = APIRouter()


@router.get("/worklist")
async def page(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="worklist.see", noted_as="worklist.see")
    return await worklist_page(one)


async def worklist_page(
    one: Asked,
    status: int = 200,
    error: str | None = None,
    task_error: tuple[str, str] | None = None,
    arrivals: tuple[SourceArrivals, ...] | None = None,
) -> Response:
    """`task_error` is what was wrong with closing a task, by its id; `arrivals` what the hospitals just told."""
    house = house_of(one.request)
    now = house.now()
    lines = await asyncio.to_thread(worklist, house.database, by=one.person, now=now)
    aside = await asyncio.to_thread(set_aside, house.database, by=one.person)
    tasks = await asyncio.to_thread(open_tasks, house.database, by=one.person)
    filters = asked_filters(one.form or dict(one.request.query_params))
    rendered: Response = one.request.app.state.renderer.page(
        "worklist.html",
        one,
        status,
        board=board(lines, filters, one.person.account),
        set_aside=aside,
        limit=clock_limit(),
        arrivals=arrivals,
        error=error,
        now=now,
        tasks=tasks,
        what_words=WHAT,
        task_error=task_error,
        given=one.form,
    )
    return rendered


@router.post("/worklist")
async def ask(request: Request) -> Response:
    """Ask every organisation for one patient (by number, or by who stands on the list), or the hospitals who is there.

    The page that follows a fetch shows how far it is.
    """
    one = await asked(request)
    looking = one.text("act") == "arrivals"
    noted_as = "worklist.see" if looking else "patient.search"
    await note_look(one, what="worklist.see", noted_as=noted_as, nhs_number=one.text("nhs_number"))
    house, timing = house_of(request), one.timing()
    number = one.text("nhs_number")
    try:
        if looking:
            found = await take_arrivals(
                house.database, house.settings, house.knowledge, house.connections,
                now=house.now, by=one.person, seconds=timing.seconds, timing=timing.how,
            )  # fmt: skip
            return await worklist_page(one, arrivals=found)
        if one.text("patient"):
            number = await asyncio.to_thread(
                identifier_of, house.database, patient=one.text("patient"), by=one.person
            )  # fmt: skip
        job = await fetching_of(request.app).start(house, one.person, number)
    except InputError as error:
        return await worklist_page(one, 422, error.words)
    return RedirectResponse(f"/fetching/{job.id}", 303)


@router.get("/fetching/{job}")
async def progress(request: Request, job: str) -> Response:
    """Each organisation's progress; goes on to the review when all answered or their time is up."""
    one = await asked(request)
    require(one.person, "worklist.see")
    found: Fetching = fetching_of(request.app).of(job, one.person)
    if found.review:
        if not found.wait_noted:
            found.wait_noted = True
            house = house_of(request)
            await asyncio.to_thread(
                note_wait, house.database, review=found.review, seconds=found.waited_s, by=one.person, now=house.now()
            )
        return RedirectResponse(f"/reviews/{found.review}", 303)
    if isinstance(found.failure, GatewayError):
        return await worklist_page(one, found.failure.http_status, found.failure.words)
    rendered: Response = request.app.state.renderer.page("fetching.html", one, job=found)
    return rendered


@router.get("/fetching/{job}/events")
async def events(request: Request, job: str) -> Response:
    """The same progress as server-sent events: each holds the part of the page that changed; `done` ends them."""
    one = await asked(request)
    require(one.person, "worklist.see")
    found: Fetching = fetching_of(request.app).of(job, one.person)

    async def stream() -> AsyncIterator[str]:
        async for under_way in news_of(found):
            part = request.app.state.renderer.part("_progress.html", job=found)
            lines = "".join(f"data: {line}\n" for line in part.splitlines())
            yield f"event: {'progress' if under_way else 'done'}\n{lines}\n"

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})
