"""A person changes their own password."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.change_password import change_password
from gateway.actions.passwords import SHORTEST_PASSWORD
from gateway.actions.sign_in import session_of
from gateway.errors import InputError
from gateway.web.asked import Asked, asked, cookie_of, house_of

router = APIRouter()


@router.get("/password")
async def form(request: Request) -> Response:
    return _page(await asked(request))


@router.post("/password")
async def changing(request: Request) -> Response:
    one = await asked(request)
    house = house_of(request)
    try:
        if one.form.get("new", "") != one.form.get("again", ""):
            raise InputError("The new password was not typed the same way twice.")
        await asyncio.to_thread(
            change_password,
            house.database,
            session=one.session,
            old=one.form.get("old", ""),
            new=one.form.get("new", ""),
            now=house.now(),
        )
    except InputError as error:
        return _page(one, error.http_status, error=error.words)
    session = await asyncio.to_thread(
        session_of, house.database, house.settings, token=request.cookies.get(cookie_of(request)), now=house.now()
    )
    return _page(Asked(request, session, {}), done=True)


def _page(one: Asked, status: int = 200, *, error: str | None = None, done: bool = False) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "password.html", one, status, error=error, done=done, due=one.session.must_change, shortest=SHORTEST_PASSWORD
    )
    return rendered
