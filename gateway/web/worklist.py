"""The worklist, and fetching a patient's lists with progress."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from gateway.actions.access import require
from gateway.actions.follow_up_tasks import WHAT, open_tasks
from gateway.actions.note_wait import note_wait
from gateway.actions.worklist import worklist
from gateway.errors import GatewayError, InputError
from gateway.web.access_log import note_look
from gateway.web.asked import Asked, asked, house_of
from gateway.web.fetching import Fetching, fetching_of, news_of

router = APIRouter()


@router.get("/worklist")
async def page(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="worklist.see", noted_as="worklist.see")
    return await worklist_page(one)


async def worklist_page(
    one: Asked, status: int = 200, error: str | None = None, task_error: tuple[str, str] | None = None
) -> Response:
    """`task_error` is what was wrong with closing a task, by its id."""
    house = house_of(one.request)
    lines = await asyncio.to_thread(worklist, house.database, by=one.person)
    tasks = await asyncio.to_thread(open_tasks, house.database, by=one.person)
    rendered: Response = one.request.app.state.renderer.page(
        "worklist.html",
        one,
        status,
        lines=lines,
        error=error,
        now=house.now(),
        tasks=tasks,
        what_words=WHAT,
        task_error=task_error,
        given=one.form,
    )
    return rendered


@router.post("/worklist")
async def fetch(request: Request) -> Response:
    """Start asking every organisation for one patient; the page that follows shows how far it is."""
    one = await asked(request)
    await note_look(one, what="worklist.see", noted_as="patient.search", nhs_number=one.text("nhs_number"))
    try:
        job = await fetching_of(request.app).start(house_of(request), one.person, one.text("nhs_number"))
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
