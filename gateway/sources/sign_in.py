"""Signing in to a source: nothing, a fixed token, a token fetched with a key, or GP Connect's audit headers."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

import msgspec
from msgspec import Struct

from gateway.sources.asked_by import asked_by
from gateway.sources.assertions import audit_token, client_assertion
from gateway.sources.credentials import Credentials, SignIn, SignInKind
from gateway.sources.problem import SourceProblem

#: A token is not used in its last half minute: it could expire on the way.
_MARGIN = dt.timedelta(seconds=30)
_MOST_S = 3600.0

Now = Callable[[], dt.datetime]
#: Posts a form to the token endpoint by the event loop's time given; (status, body).
PostForm = Callable[[bytes, float], Awaitable[tuple[int, bytes]]]

_STRUCTURED_RECORD = "urn:nhs:names:services:gpconnect:fhir:operation:gpc.getstructuredrecord-1"


def sign_in_for(held: Credentials, base_url: str, now: Now, post_form: PostForm) -> SignIn | None:
    """None where calls go out without any sign-in."""
    if held.kind is SignInKind.BEARER:
        return FixedToken(held.bearer or "")
    if held.kind is SignInKind.GP_CONNECT_JWT:
        return AuditHeaders(held, base_url, now)
    if held.kind in {SignInKind.SMART_BACKEND, SignInKind.NHS_SIGNED_JWT}:
        return FetchedToken(held, now, post_form)
    return None


class FixedToken:
    """A token that the source's owner handed out."""

    def __init__(self, token: str) -> None:
        self._token = token

    async def headers(self, until: float) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        return False


class AuditHeaders:
    """GP Connect: the audit token and the Spine's routing headers, fresh for each call."""

    def __init__(self, held: Credentials, base_url: str, now: Now) -> None:
        self._held, self._base_url, self._now = held, base_url, now

    async def headers(self, until: float) -> Mapping[str, str]:
        return {
            "Authorization": f"Bearer {audit_token(self._held, self._base_url, self._now(), asked_by())}",
            "Ssp-TraceID": secrets.token_hex(16),
            "Ssp-From": self._held.asid_from or "",
            "Ssp-To": self._held.asid_to or "",
            "Ssp-InteractionID": _STRUCTURED_RECORD,
        }

    def refused(self) -> bool:
        return False


class _Token(Struct):
    access_token: str
    expires_in: float | None = None


_TOKEN = msgspec.json.Decoder(_Token)


class FetchedToken:
    """A token fetched with a signed assertion, kept in memory until shortly before it expires."""

    def __init__(self, held: Credentials, now: Now, post_form: PostForm) -> None:
        self._held, self._now, self._post = held, now, post_form
        self._token: str | None = None
        self._until: dt.datetime | None = None
        self._fetching = asyncio.Lock()

    async def headers(self, until: float) -> Mapping[str, str]:
        async with self._fetching:
            if self._token is None or self._until is None or self._now() >= self._until:
                await self._fetch(until)
            return {"Authorization": f"Bearer {self._token}"}

    def refused(self) -> bool:
        self._token = None
        return True

    async def _fetch(self, until: float) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": client_assertion(self._held, self._now()),
        }
        if self._held.scope:
            form["scope"] = self._held.scope
        asked = self._now()
        try:
            status, body = await self._post(urlencode(form).encode(), until)
        except SourceProblem as problem:
            raise SourceProblem(f"its sign-in could not be reached: {problem.words}") from None
        if status in {400, 401, 403}:
            raise SourceProblem(f"its sign-in did not accept the gateway's key ({status})", status=status)
        if status != 200:
            raise SourceProblem(f"its sign-in gave no token ({status})", status=status)
        try:
            token = _TOKEN.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise SourceProblem("its sign-in answered with something else than a token") from None
        if not (token.access_token.isascii() and token.access_token.isprintable() and token.access_token):
            raise SourceProblem("its sign-in answered with a token that cannot be sent")
        lives = dt.timedelta(seconds=min(max(token.expires_in or 60.0, 0.0), _MOST_S))
        # A token for a minute or less is used for half of its time.
        self._token, self._until = token.access_token, asked + max(lives - _MARGIN, lives / 2)
