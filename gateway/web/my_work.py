"""A person's own log: tell work outside the screen with two clicks, see what is counted, correct it."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.my_steps import correct_step, my_steps
from gateway.actions.work_outside import outside_words, tell_work_outside
from gateway.errors import Conflict, GatewayError, InputError, NotFound
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

#: Minutes that stand on a button; any other number can be typed.
MINUTES = (2, 5, 10, 20)


@router.get("/my-work")
async def page(request: Request) -> Response:
    return await _page(await asked(request))


async def _page(one: Asked, error: GatewayError | None = None, correcting: str = "") -> Response:
    house = house_of(one.request)
    steps = await asyncio.to_thread(my_steps, house.database, by=one.person, now=house.now())
    rendered: Response = one.request.app.state.renderer.page(
        "my_work.html",
        one,
        error.http_status if error else 200,
        steps=steps,
        outside=outside_words(),
        minutes=MINUTES,
        error=error.words if error else None,
        correcting=correcting,
        form=one.form,
    )
    return rendered


@router.post("/my-work")
async def telling(request: Request) -> Response:
    one = await asked(request)
    house = house_of(request)
    try:
        minutes = _number(one.text("minutes") if one.text("minutes") != "other" else one.text("other_minutes"))
        if minutes is None:
            raise InputError("Say how many minutes it took.")
        await asyncio.to_thread(
            tell_work_outside,
            house.database,
            what=one.text("what"),
            minutes=minutes,
            system=one.text("system"),
            by=one.person,
            now=house.now(),
        )
    except InputError as error:
        return await _page(one, error)
    return RedirectResponse("/my-work", 303)


@router.post("/my-work/{step}")
async def correcting(request: Request, step: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    try:
        if not step.isdecimal() or len(step) > 12:
            raise NotFound("There is no such step of yours.")
        await asyncio.to_thread(
            correct_step,
            house.database,
            seq=int(step),
            minutes=_number(one.text("minutes")),
            withdrawn=one.text("withdrawn") == "yes",
            note=one.text("note"),
            by=one.person,
            now=house.now(),
        )
    except (InputError, Conflict) as error:
        return await _page(one, error, correcting=step)
    return RedirectResponse("/my-work", 303)


def _number(text: str) -> float | None:
    """Minutes as typed; None where nothing was. Raises InputError."""
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise InputError("Minutes are a number, such as 5 or 2.5.") from None
    if not 0 <= value <= 480:
        raise InputError("Minutes are a number from 0 to 480.")
    return value
