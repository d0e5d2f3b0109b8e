"""Sign in, sign out, and the page each role starts on."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.sign_in import sign_in, sign_out
from gateway.errors import NotSignedIn
from gateway.web.asked import COOKIE, asked, house_of, read_form

router = APIRouter()

_FIRST_PAGE = {"pharmacist": "/worklist", "audit-clerk": "/audits", "integrator": "/sources", "manager": "/labour"}


@router.get("/")
async def first_page(request: Request) -> Response:
    one = await asked(request)
    return RedirectResponse(_FIRST_PAGE[one.person.role], 303)


@router.get("/sign-in")
async def form(request: Request, next: str = "") -> Response:
    page: Response = request.app.state.renderer.page("sign_in.html", None, next=_own(next), error=None, name="")
    return page


@router.post("/sign-in")
async def signing_in(request: Request) -> Response:
    """No session yet, so no token; SameSite cookies and the origin keep another site from signing somebody in."""
    house, given = house_of(request), await read_form(request)
    name, back = given.get("name", ""), _own(given.get("next", ""))
    try:
        token = await asyncio.to_thread(
            sign_in, house.database, house.settings, name=name, password=given.get("password", ""), now=house.now()
        )
    except NotSignedIn as error:
        renderer = request.app.state.renderer
        page: Response = renderer.page("sign_in.html", None, 401, next=back, error=error.words, name=name[:100])
        return page
    if before := request.cookies.get(COOKIE):
        await asyncio.to_thread(sign_out, house.database, token=before)  # who signs in anew leaves no session behind
    answer = RedirectResponse(back or "/", 303)
    answer.set_cookie(COOKIE, token, httponly=True, secure=house.settings.secure_cookies, samesite="lax", path="/")
    return answer


@router.post("/sign-out")
async def signing_out(request: Request) -> Response:
    await asked(request)
    await asyncio.to_thread(sign_out, house_of(request).database, token=request.cookies[COOKIE])
    answer = RedirectResponse("/sign-in", 303)
    answer.delete_cookie(COOKIE, path="/")
    return answer


def _own(address: str) -> str:
    """A path of ours to go back to; anything that could lead to another host is dropped."""
    own = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if own and len(address) < 500 else ""
