"""The open ways to the sources, kept between fetches."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from types import TracebackType

import msgspec

from gateway.settings import Settings
from gateway.sources.addresses import Resolve, resolve
from gateway.sources.credentials import SignIn, SignInKind
from gateway.sources.problem import SourceProblem
from gateway.sources.sign_in import sign_in_for
from gateway.sources.source import SourceSystem, check_source
from gateway.sources.transport import MAX_BODY, GuardedTransport

Now = Callable[[], dt.datetime]

_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Connections:
    """One transport for each source, kept between fetches. Belongs to one event loop; use as `async with`."""

    def __init__(self, settings: Settings, now: Now = utc_now, look_up: Resolve = resolve) -> None:
        self._settings, self._now, self._look_up = settings, now, look_up
        self._transports: dict[SourceSystem, GuardedTransport] = {}
        self._token_endpoints: list[GuardedTransport] = []

    def of(self, source: SourceSystem) -> GuardedTransport:
        """Raises InputError where the source's address cannot be used."""
        there = self._transports.get(source)
        if there is None:
            there = self._transports[source] = self._open(source, self._sign_in(source))
        return there

    def known(self, source: SourceSystem) -> GuardedTransport | None:
        """The way to a source that was asked before, for its state; opens nothing."""
        return self._transports.get(source)

    def _open(self, source: SourceSystem, sign_in: SignIn | None) -> GuardedTransport:
        return GuardedTransport(
            source,
            allowed_networks=self._settings.allowed_networks,
            max_bytes=min(MAX_BODY, self._settings.max_document_bytes),
            now=self._now,
            look_up=self._look_up,
            sign_in=sign_in,
        )

    def _sign_in(self, source: SourceSystem) -> SignIn | None:
        held = check_source(source).credentials
        if held is None:
            return None
        token_endpoint: GuardedTransport | None = None
        if held.token_url:
            # A way of its own: what is sent to the token endpoint goes to no other origin, and the other way round.
            only_tls = msgspec.structs.replace(held, kind=SignInKind.NONE, bearer=None, private_key=None)
            endpoint = msgspec.structs.replace(source, base_url=held.token_url, credentials=only_tls, headers=())
            token_endpoint = self._open(endpoint, None)
            self._token_endpoints.append(token_endpoint)

        async def post_form(form: bytes, until: float) -> tuple[int, bytes]:
            if token_endpoint is None or held.token_url is None:
                raise SourceProblem("it has no token endpoint")
            answer = await token_endpoint.call("POST", held.token_url, until=until, body=form, headers=_FORM)
            return answer.status, answer.body

        return sign_in_for(held, source.base_url, self._now, post_form)

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in (*self._transports.values(), *self._token_endpoints)))
        self._transports.clear()
        self._token_endpoints.clear()

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
