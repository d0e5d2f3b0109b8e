"""The organisations: who is connected, how they answer, and connecting another one."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import may, require
from gateway.actions.check_source import check_source
from gateway.actions.connect_source import KINDS, SIGN_INS, connect, set_sign_in, set_source, set_state
from gateway.actions.house import House
from gateway.actions.sources_page import source_detail, sources_page
from gateway.errors import GatewayError, NotAllowed, NotFound, NotSignedIn
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()


@router.get("/sources")
async def page(request: Request) -> Response:
    one = await asked(request)
    house = house_of(request)
    lines = await asyncio.to_thread(
        sources_page, house.database, by=one.person, now=house.now(), box=house.box, connections=house.connections
    )
    rendered: Response = request.app.state.renderer.page(
        "sources.html", one, lines=lines, edits=may(one.person.role, "sources.edit")
    )
    return rendered


@router.get("/sources/new")
async def new(request: Request) -> Response:
    one = await asked(request)
    require(one.person, "sources.edit")
    return _new(one)


def _new(one: Asked, error: GatewayError | None = None) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "source_new.html",
        one,
        error.http_status if error else 200,
        error=error.words if error else None,
        given=one.form,
        kinds=KINDS,
    )
    return rendered


@router.post("/sources/new")
async def add(request: Request) -> Response:
    """Keep a draft and read what the address offers; the page that follows goes on from there."""
    one = await asked(request)
    house = house_of(request)
    try:
        made = await connect(house, by=one.person, form=one.form)
    except (NotAllowed, NotFound, NotSignedIn):
        raise
    except GatewayError as error:
        return _new(one, error)
    return RedirectResponse(f"/sources/{made}", 303)


@router.get("/sources/{source}")
async def detail(request: Request, source: str) -> Response:
    return await _detail(await asked(request), source)


async def _detail(one: Asked, source: str, error: GatewayError | None = None) -> Response:
    house = house_of(one.request)
    shown = await asyncio.to_thread(
        source_detail,
        house.database,
        source=source,
        by=one.person,
        now=house.now(),
        box=house.box,
        connections=house.connections,
    )
    rendered: Response = one.request.app.state.renderer.page(
        "source.html",
        one,
        error.http_status if error else 200,
        shown=shown,
        edits=may(one.person.role, "sources.edit"),
        error=error.words if error else None,
        given=one.form,
        kinds=KINDS,
        sign_ins=SIGN_INS,
    )
    return rendered


@router.post("/sources/{source}/{what}")
async def change(request: Request, source: str, what: str) -> Response:
    """`what` is about, sign-in, test, activate, pause or retire."""
    one = await asked(request)
    house = house_of(request)
    require(one.person, "sources.edit")
    try:
        await _change(house, one, source, what)
    except (NotAllowed, NotFound, NotSignedIn):
        raise
    except GatewayError as error:
        return await _detail(one, source, error)
    return RedirectResponse("/sources" if what == "retire" else f"/sources/{source}", 303)


async def _change(house: House, one: Asked, source: str, what: str) -> None:
    if what == "test":
        await check_source(
            house.database,
            house.settings,
            house.knowledge,
            source=source,
            nhs_number=one.text("nhs_number") or None,
            now=house.now,
            by=one.person,
        )
    elif what == "about":
        await asyncio.to_thread(set_source, house, source=source, by=one.person, form=one.form)
    elif what == "sign-in":
        await asyncio.to_thread(set_sign_in, house, source=source, by=one.person, form=one.form)
    else:
        states = {"activate": "active", "pause": "draft", "retire": "retired"}
        if what not in states:
            raise NotFound("There is no such page.")
        await asyncio.to_thread(set_state, house, source=source, by=one.person, state=states[what])
