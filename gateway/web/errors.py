"""Errors as pages: what happened, what to do, and no patient data."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.errors import GatewayError, NotSignedIn, PasswordDue
from gateway.web.sign_in import sign_in_again

_LOG = logging.getLogger(__name__)

_WORDS = {
    404: "There is no such page.",
    405: "This page cannot be used in that way.",
}


def add_error_pages(app: FastAPI) -> None:
    app.add_exception_handler(GatewayError, _of_ours)
    app.add_exception_handler(HTTPException, _of_http)
    app.add_middleware(Unexpected)


async def _of_ours(request: Request, error: Exception) -> Response:
    assert isinstance(error, GatewayError)
    if isinstance(error, NotSignedIn):
        return sign_in_again(request, error)
    if isinstance(error, PasswordDue):
        return RedirectResponse("/password", 303)
    if error.http_status >= 500:
        _LOG.error("%s %s: %s", request.method, request.scope.get("route", ""), type(error).__name__)
    return error_page(request, error.http_status, error.words)


async def _of_http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return error_page(request, error.status_code, _WORDS.get(error.status_code, "This request cannot be answered."))


class Unexpected:
    """The text and traceback of an unknown error may hold patient data: only its kind and place are logged."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            _LOG.error("unexpected %s at %s:%s", type(error).__name__, Path(place.filename).name, place.lineno)
            if started or scope["type"] != "http":
                raise RuntimeError("the answer broke off") from None
            page = error_page(
                Request(scope), 500, "Something went wrong in the gateway. Nothing you had saved is lost."
            )
            await page(scope, receive, send)


def error_page(request: Request, status: int, words: str) -> Response:
    rendered: Response = request.app.state.renderer.page("error.html", None, status, code=status, words=words)
    return rendered
