"""The guarded transport: every call to another organisation goes through here. The only importer of httpx.

What it keeps: http and https only; the address is checked after it was resolved and is the one connected to; no
redirect is followed; nothing goes to another origin, least of all a credential; bodies are bounded; two retries at
most; and the caller's deadline holds for the whole call, because httpx's own time-out is per read and a source that
trickles would hold a call for as long as it likes.

httpx speaks over aiohttp's connections: twelve times the requests for one second of processor that httpx's own client
gives. It is used without its client, which logs whole URLs at INFO, keeps cookies and reads proxy variables.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import email.utils
import logging
import random
import ssl
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from urllib.parse import urljoin

import aiohttp
import httpx
from httpx_aiohttp import AiohttpTransport
from msgspec import Struct

from gateway.sources.addresses import Resolve, pinned, resolve
from gateway.sources.bodies import bounded
from gateway.sources.breaker import Breaker
from gateway.sources.credentials import SignIn
from gateway.sources.problem import SourceProblem
from gateway.sources.source import SourceSystem, check_source, origin
from gateway.sources.trust import tls_for

#: FAULTS row 20; a list of medicines is far below it.
MAX_BODY = 20 * 1024 * 1024
RETRIES = 2
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_NOT_SIGNED_IN = 401
#: Calls to one source at a time; the rest wait.
_CONNECTIONS = 8
_PATIENTS = 8
_PINNED_FOR_S = 60.0

for _name in ("httpx", "aiohttp", "aiohttp.client", "aiohttp.internal"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)


#: What a connection that breaks off raises; aiohttp's own where httpx has no name for it.
_BROKEN = (httpx.TransportError, aiohttp.ClientError, ssl.SSLError, OSError)


class Answer(Struct, frozen=True, kw_only=True):
    """One HTTP answer; `url` is what was asked. `at` is ISO 8601 in UTC. `location` is the header as it came."""

    status: int
    body: bytes
    media_type: str | None
    url: str
    at: str
    location: str | None = None


class GuardedTransport:
    """The way to one source. It belongs to the event loop it was first used in; close it with `close()`."""

    def __init__(
        self,
        source: SourceSystem,
        *,
        allowed_networks: Sequence[str] = (),
        max_bytes: int = MAX_BODY,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
        look_up: Resolve = resolve,
        tls: ssl.SSLContext | None = None,
        sign_in: SignIn | None = None,
    ) -> None:
        """Raises InputError where the source's address cannot be used at all."""
        self.source = check_source(source)
        self.now = now
        self.breaker = Breaker(now)
        #: Patients fetched from it at a time; the others wait their turn, and their deadline waits with them.
        self.turns = asyncio.Semaphore(_PATIENTS)
        self.patients = 0
        #: It was seen to ignore the form of a search by POST; then it is asked by GET.
        self.ignores_forms = False
        #: /metadata and key sets, each with the loop's time at which it came; nothing of patients is ever kept.
        self.remembered: dict[str, tuple[float, object]] = {}
        self._base = source.base_url.rstrip("/") + "/"
        self._allowed, self._max_bytes, self._look_up = tuple(allowed_networks), max_bytes, look_up
        self._pin: tuple[tuple[str, ...], float] | None = None
        self._pinning = asyncio.Lock()
        self._tls = tls or tls_for(source.credentials)
        self._sign_in = sign_in
        self._http = AiohttpTransport(verify=self._tls, trust_env=False, client=self._session)

    def _session(self) -> aiohttp.ClientSession:
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=_CONNECTIONS, ssl=self._tls, use_dns_cache=False),
            cookie_jar=aiohttp.DummyCookieJar(),  # a cookie of one patient's fetch must not ride along with another's
            auto_decompress=False,
            trust_env=False,
        )

    @property
    def crowded(self) -> bool:
        """More patients are being fetched, or wait for it, than have a turn."""
        return self.patients > _PATIENTS

    async def close(self) -> None:
        await self._http.aclose()

    async def certificate(self, until: float) -> dt.datetime | None:
        """When the certificate that the source shows ends; None over plain HTTP, or where no connection came about."""
        url = httpx.URL(self._base)
        if url.scheme != "https":
            return None
        try:
            addresses = await self._addresses(url.host, url.port or 443)
            async with asyncio.timeout_at(until):
                _, writer = await asyncio.open_connection(
                    addresses[0], url.port or 443, ssl=self._tls, server_hostname=url.host
                )
        except (SourceProblem, OSError, ssl.SSLError, TimeoutError):
            return None
        shown = writer.get_extra_info("peercert") or {}
        writer.close()
        ends = shown.get("notAfter")
        return dt.datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), dt.UTC) if ends else None

    def url_of(self, path: str) -> str:
        """The address of a path under the base, or of a link on a page (a relative one is meant from the base).

        Raises SourceProblem where a link leads to another origin (scheme, host, port) than the source's own.
        """
        try:
            url = urljoin(self._base, path)
            same = origin(url) == origin(self._base)
        except ValueError:
            raise SourceProblem("it announced a further page at something that is no address") from None
        if not same:
            raise SourceProblem("it announced a further page at another address, which was not followed")
        return url

    async def call(
        self,
        method: str,
        path: str,
        *,
        until: float,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One answer of any status but redirects, after at most two retries.

        `until` is the event loop's time at which the caller gives up: no pause for a retry goes beyond it. Raises
        SourceProblem where no whole answer came.
        """
        url = self.url_of(path)
        signed = await self._signed(headers, until)
        answer = await self._retried(method, url, body, signed, until)
        if answer.status == _NOT_SIGNED_IN and self._sign_in is not None and self._sign_in.refused():
            # A token may end before its time: once more with a fresh one.
            signed = await self._signed(headers, until)
            answer = await self._retried(method, url, body, signed, until)
        return answer

    async def _signed(self, headers: Mapping[str, str] | None, until: float) -> Mapping[str, str]:
        return {**(await self._sign_in.headers(until) if self._sign_in else {}), **(headers or {})}

    async def _retried(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], until: float
    ) -> Answer:
        loop = asyncio.get_running_loop()
        for attempt in range(RETRIES + 1):
            last = attempt == RETRIES
            try:
                answer, after = await self._once(method, url, body, headers)
            except _Dropped:
                if last:
                    raise SourceProblem("the connection broke off") from None
                answer, after = None, None
            if answer is not None and (answer.status not in _RETRIED or last):
                return answer
            pause = _pause(after, attempt, self.now())
            if loop.time() + pause >= until:
                if answer is None:
                    raise SourceProblem("the connection broke off")
                return answer
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _once(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[Answer, str | None]:
        response = await self._response(method, url, body, headers)
        try:
            if 300 <= response.status_code < 400:
                raise SourceProblem("it pointed to another address (redirect), which was not followed")
            encoding = response.headers.get("content-encoding")
            content = await bounded(response.aiter_raw(), encoding, self._max_bytes)
        except _BROKEN:
            raise _Dropped from None
        finally:
            await response.aclose()
        media = response.headers.get("content-type", "").split(";")[0].strip().lower()
        at = self.now().astimezone(dt.UTC).isoformat(timespec="milliseconds")
        answer = Answer(
            status=response.status_code,
            body=content,
            media_type=media or None,
            url=url,
            at=at,
            location=response.headers.get("location"),
        )
        return answer, response.headers.get("retry-after")

    async def _response(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> httpx.Response:
        """From the first of the source's addresses that takes a connection."""
        parsed = _url(url)
        refused: Exception | None = None
        for address in await self._addresses(parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80)):
            try:
                return await self._http.handle_async_request(self._request(method, parsed, address, body, headers))
            except _BROKEN as error:
                # httpx-aiohttp calls a refused connection a time-out; the cause says what it was.
                if not isinstance(error.__cause__, aiohttp.ClientConnectorError):
                    raise _Dropped from None
                refused = error
        raise SourceProblem(_no_connection(refused))

    def _request(
        self, method: str, url: httpx.URL, address: str, body: bytes | None, headers: Mapping[str, str]
    ) -> httpx.Request:
        given = {
            "Host": url.netloc.decode("ascii"),
            "Accept": "application/fhir+json",
            "Accept-Encoding": "gzip",
            "User-Agent": "medrec-gateway",
            "Cache-Control": "no-cache",
            **dict(self.source.headers),
            **headers,
        }
        # The name stays in Host and in the TLS handshake, so the certificate is still checked against it.
        extensions = {"sni_hostname": url.host} if url.scheme == "https" else {}
        there = _at(str(url), address) if not url.query else url.copy_with(host=address)
        return httpx.Request(method, there, content=body, headers=given, extensions=extensions)

    async def _addresses(self, host: str, port: int) -> tuple[str, ...]:
        loop = asyncio.get_running_loop()
        async with self._pinning:
            if self._pin is None or self._pin[1] < loop.time():
                addresses = await pinned(
                    host, port, self._allowed, self._look_up, secure=self._base.startswith("https:")
                )
                self._pin = (addresses, loop.time() + _PINNED_FOR_S)
            return self._pin[0]


class _Dropped(Exception):
    """The connection ended before the answer did; worth another attempt."""


@lru_cache(maxsize=1024)
def _path(url: str) -> httpx.URL:
    return httpx.URL(url)


def _url(url: str) -> httpx.URL:
    """Paths repeat and are remembered; what holds a query may hold an identifier and is not."""
    return _path(url) if "?" not in url else httpx.URL(url)


@lru_cache(maxsize=1024)
def _at(url: str, address: str) -> httpx.URL:
    return _path(url).copy_with(host=address)


def _no_connection(error: Exception | None) -> str:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return "its certificate is not trusted, has expired, or is for another name"
        if isinstance(cause, ssl.SSLError):
            return "no secure connection could be agreed with it"
        cause = cause.__cause__ or cause.__context__
    return "it could not be reached"


def _pause(retry_after: str | None, attempt: int, now: dt.datetime) -> float:
    """Seconds to wait: what the source asks for (seconds or a date), else 0.1, 0.2 s doubled and jittered."""
    own: float = (0.1 * 2**attempt) * (1 + random.random())  # noqa: S311 - jitter, no secret
    text = (retry_after or "").strip()
    if not text:
        return own
    if text.isascii() and text.isdigit():
        return max(own, float(text[:9]))
    try:
        asked = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return own
    if asked.tzinfo is None:
        asked = asked.replace(tzinfo=dt.UTC)
    return max(own, (asked - now).total_seconds())
