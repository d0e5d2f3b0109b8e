"""An organisation that misbehaves: raw asyncio before a healthy one, so that it can do what no web framework would.

It asks the healthy server for its answer, and a fault makes of that answer what it likes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from conformance.safety.raw_http import Json, RawAnswer, RawRequest, RawServer

#: Writes the whole answer of one exchange.
Fault = Callable[["Exchange"], Awaitable[None]]

MEDICINES = ("MedicationStatement", "MedicationRequest", "MedicationDispense")


class Exchange(RawAnswer):
    """One request, the healthy answer to it, and the way to answer otherwise."""

    def __init__(
        self, proxy: FaultProxy, writer: asyncio.StreamWriter, method: str, target: str, status: int, body: bytes
    ) -> None:
        super().__init__(writer)
        self.proxy, self.method, self.target = proxy, method, target
        self.status, self.body = status, body
        self.path = urlsplit(target).path.lstrip("/")
        self.query = urlsplit(target).query

    @property
    def tree(self) -> Json:
        found = json.loads(self.body)
        assert isinstance(found, dict)
        return found

    @property
    def about_medicines(self) -> bool:
        """Whether the healthy answer holds medicines: a search of them, or GP Connect's whole record."""
        if self.status != 200 or not self.body.startswith(b"{"):
            return False
        kinds = {one["resource"]["resourceType"] for one in self.tree.get("entry", ()) if "resource" in one}
        return bool(kinds & set(MEDICINES))

    @property
    def about_patient(self) -> bool:
        return self.path.startswith("Patient")

    async def ordinary(self) -> None:
        await self.send(self.status, self.body)


class FaultProxy(RawServer):
    """`fault` is set before a fetch; `asked` holds (method, path) of every request since then.

    `once` is for faults that come one time in a fetch; both are emptied by `play`.
    """

    def __init__(self, upstream: str) -> None:
        super().__init__()
        self._upstream = urlsplit(upstream)
        self.fault: Fault = Exchange.ordinary
        self.asked: list[tuple[str, str]] = []
        self.heads: list[str] = []
        self.once: set[str] = set()
        self.held: dict[str, Json] = {}

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def play(self, fault: Fault) -> None:
        self.fault = fault
        self.asked.clear()
        self.heads.clear()
        self.once.clear()
        self.held.clear()

    async def answer(self, request: RawRequest, writer: asyncio.StreamWriter) -> None:
        self.asked.append((request.method, urlsplit(request.target).path.lstrip("/")))
        self.heads.append(request.head)
        status, body = await self._healthy(request)
        await self.fault(Exchange(self, writer, request.method, request.target, status, body))

    async def _healthy(self, request: RawRequest) -> tuple[int, bytes]:
        kept = [line for line in request.head.split("\r\n")[1:] if line.lower().startswith(("content-type", "accept:"))]
        lines = [
            f"{request.method} {request.target} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",  # its links lead back to this proxy
            "Connection: close",
            f"Content-Length: {len(request.body)}",
            *kept,
        ]
        reader, writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + request.body)
        await writer.drain()
        raw = await reader.read()
        writer.close()
        top, _, content = raw.partition(b"\r\n\r\n")
        return int(top.split(b" ")[1]), content
