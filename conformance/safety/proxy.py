"""An organisation that misbehaves: raw asyncio before a healthy one, so that it can do what no web framework would.

It asks the healthy server for its answer, and a fault makes of that answer what it likes.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]
#: Writes the whole answer of one exchange.
Fault = Callable[["Exchange"], Awaitable[None]]

MEDICINES = ("MedicationStatement", "MedicationRequest", "MedicationDispense")


class Exchange:
    """One request, the healthy answer to it, and the way to answer otherwise."""

    def __init__(
        self, proxy: FaultProxy, writer: asyncio.StreamWriter, method: str, target: str, status: int, body: bytes
    ) -> None:
        self.proxy, self.writer, self.method, self.target = proxy, writer, method, target
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

    async def json(self, tree: Json, status: int = 200, headers: dict[str, str] | None = None) -> None:
        await self.send(status, json.dumps(tree).encode(), headers)

    async def send(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        media: str = "application/fhir+json",
        length: int | None = None,
    ) -> None:
        """`length` is what the header says; -1 says nothing and ends with the connection."""
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {media}", "Connection: close"]
        if length is None or length >= 0:
            lines.append(f"Content-Length: {len(body) if length is None else length}")
        lines += [f"{k}: {v}" for k, v in (headers or {}).items()]
        self.writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await self.writer.drain()


class FaultProxy:
    """Use as `async with`. `fault` is set before a fetch; `asked` holds (method, path) of every request since then.

    `once` is for faults that come one time in a fetch; both are emptied by `play`.
    """

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self.fault: Fault = Exchange.ordinary
        self.asked: list[tuple[str, str]] = []
        self.heads: list[str] = []
        self.once: set[str] = set()
        self.held: dict[str, Json] = {}
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def play(self, fault: Fault) -> None:
        self.fault = fault
        self.asked.clear()
        self.heads.clear()
        self.once.clear()
        self.held.clear()

    async def __aenter__(self) -> FaultProxy:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._open:
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._server.wait_closed()

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            await self._answer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the gateway gave up on it, as it may, or the drill is over
        finally:
            self._open.discard(task)
            writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        text = head.decode()
        method, target, _ = text.split("\r\n")[0].split(" ")
        lengths = [line.split(":")[1] for line in text.lower().split("\r\n") if line.startswith("content-length")]
        body = await reader.readexactly(int(lengths[0])) if lengths else b""
        self.asked.append((method, urlsplit(target).path.lstrip("/")))
        self.heads.append(text)
        status, answer = await self._healthy(method, target, text, body)
        await self.fault(Exchange(self, writer, method, target, status, answer))

    async def _healthy(self, method: str, target: str, head: str, body: bytes) -> tuple[int, bytes]:
        kept = [line for line in head.split("\r\n")[1:] if line.lower().startswith(("content-type", "accept:"))]
        lines = [
            f"{method} {target} HTTP/1.1",
            f"Host: 127.0.0.1:{self.port}",  # its links lead back to this proxy
            "Connection: close",
            f"Content-Length: {len(body)}",
            *kept,
        ]
        reader, writer = await asyncio.open_connection(self._upstream.hostname, self._upstream.port)
        writer.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        await writer.drain()
        raw = await reader.read()
        writer.close()
        top, _, content = raw.partition(b"\r\n\r\n")
        return int(top.split(b" ")[1]), content
