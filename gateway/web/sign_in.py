"""Sign in, sign out, and the page each role starts on."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode, urlsplit

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.sign_in import session_of, sign_in, sign_out
from gateway.errors import NotSignedIn
from gateway.web.asked import Asked, FormKept, asked, cookie_of, house_of, read_form

router = APIRouter()

_FIRST_PAGE = {
    "pharmacist": "/worklist",
    "audit-clerk": "/audits",
    "integrator": "/sources",
    "manager": "/labour",
    "administrator": "/accounts",
}

#: Why somebody who had been signed in must do so again.
_WHY = {
    "idle": "You were signed out because nothing was done for {idle} minutes. Sign in to go on where you were.",
    "long": "You were signed out because a sign-in ends after {hours} hours. Sign in to go on where you were.",
    "ended": "Your sign-in has ended: somebody signed in anew or out, or your account was changed. Sign in again.",
    "locked": "The account is locked for some minutes after several wrong passwords.",
    "out": "You are signed out.",
}
_KEPT = "kept:"


@router.get("/")
async def first_page(request: Request) -> Response:
    one = await asked(request)
    return RedirectResponse(_FIRST_PAGE[one.person.role], 303)


@router.get("/sign-in")
async def form(request: Request, next: str = "", why: str = "") -> Response:
    return _page(request, back=_own(next), why=why)


@router.post("/sign-in")
async def signing_in(request: Request) -> Response:
    """No session yet, so no token; SameSite cookies and the origin keep another site from signing somebody in."""
    house, given = house_of(request), await read_form(request)
    name, back = given.get("name", ""), _own(given.get("next", ""))
    kept = {key: value for key, value in given.items() if key.startswith(_KEPT) or key in {"kept_for", "kept_to"}}
    try:
        token = await asyncio.to_thread(
            sign_in, house.database, house.settings, name=name, password=given.get("password", ""), now=house.now()
        )
    except NotSignedIn as error:
        return _page(request, 401, back=back, error=error.words, name=name[:100], kept=kept)
    if before := request.cookies.get(cookie_of(request)):
        # Who signs in anew leaves no session behind.
        await asyncio.to_thread(sign_out, house.database, token=before, now=house.now())
    answer = await _kept_form(request, token, kept, back) or RedirectResponse(back or "/", 303)
    answer.set_cookie(
        cookie_of(request), token, httponly=True, secure=house.settings.secure_cookies, samesite="lax", path="/"
    )
    return answer


async def _kept_form(request: Request, token: str, kept: dict[str, str], back: str) -> Response | None:
    """What was typed before the sign-in ended, to be sent by a press of a button; only to the person who typed it."""
    house, to = house_of(request), _own(kept.get("kept_to", ""))
    session = await asyncio.to_thread(session_of, house.database, house.settings, token=token, now=house.now())
    if not to or session.must_change or kept.get("kept_for") != session.person.account:
        return None
    fields = {key.removeprefix(_KEPT): value for key, value in kept.items() if key.startswith(_KEPT)}
    page: Response = request.app.state.renderer.page(
        "kept.html", Asked(request, session, {}), fields=fields, to=to, back=back
    )
    return page


@router.post("/sign-out")
async def signing_out(request: Request) -> Response:
    await asked(request)
    house = house_of(request)
    await asyncio.to_thread(sign_out, house.database, token=request.cookies[cookie_of(request)], now=house.now())
    answer = RedirectResponse("/sign-in?why=out", 303)
    answer.delete_cookie(cookie_of(request), path="/", secure=house.settings.secure_cookies, httponly=True)
    return answer


def sign_in_again(request: Request, error: NotSignedIn) -> Response:
    """To the sign-in page, with why and the way back; with what was typed where its session was over just now."""
    at = urlsplit(request.headers.get("referer", ""))
    came_from = f"{at.path}{'?' + at.query if at.query else ''}" if at.netloc == request.url.netloc else ""
    if isinstance(error, FormKept):
        kept = {f"{_KEPT}{name}": value for name, value in error.fields.items()}
        places = {"kept_for": error.account, "kept_to": request.url.path}
        page = _page(request, 401, back=_own(came_from), why=error.why, kept=kept | places)
        page.headers.update({"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"})
        return page
    whole_page = request.method == "GET" and "hx-request" not in request.headers
    back = request.url.path if whole_page else came_from
    if whole_page and request.url.query:
        back = f"{back}?{request.url.query}"
    asked_for = {"next": _own(back), "why": error.why}
    query = urlencode({key: value for key, value in asked_for.items() if value}, safe="/")
    to = f"/sign-in{'?' + query if query else ''}"
    if "hx-request" in request.headers:
        # A redirect would be followed by the script, and a part of the sign-in page put into the review.
        return Response(status_code=401, headers={"HX-Redirect": to})
    return RedirectResponse(to, 303)


def _page(
    request: Request, status: int = 200, *, back: str = "", why: str = "", error: str | None = None, name: str = "",
    kept: dict[str, str] | None = None,
) -> Response:  # fmt: skip
    settings = house_of(request).settings
    told = _WHY.get(why, "").format(idle=settings.session_idle_minutes, hours=settings.session_hours)
    page: Response = request.app.state.renderer.page(
        "sign_in.html", None, status, next=back, why=told, error=error, name=name, kept=kept or {}
    )
    return page


def _own(address: str) -> str:
    """A path of ours to go back to; anything that could lead to another host is dropped."""
    own = address.startswith("/") and not address.startswith("//") and "\\" not in address and address.isprintable()
    return address if own and len(address) < 500 and not address.startswith("/sign-in") else ""
