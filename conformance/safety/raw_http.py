"""An HTTP server on loopback by hand (raw asyncio), for organisations that misbehave as no web framework would."""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from typing import Any, NamedTuple, Self

Json = dict[str, Any]


class RawRequest(NamedTuple):
    """`head` is the request line and the headers as they came, `target` the address as asked."""

    method: str
    target: str
    head: str
    body: bytes


class RawAnswer:
    """Writes the whole answer of one request."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self.writer = writer

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

    async def json(self, tree: Json, status: int = 200, headers: dict[str, str] | None = None) -> None:
        await self.send(status, json.dumps(tree).encode(), headers)


class RawServer(ABC):
    """Use as `async with`. A subclass says in `answer` what one request gets."""

    def __init__(self) -> None:
        self.port = 0
        self._open: set[asyncio.Task[None]] = set()

    @abstractmethod
    async def answer(self, request: RawRequest, writer: asyncio.StreamWriter) -> None: ...

    async def __aenter__(self) -> Self:
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
            await self.answer(await _read(reader), writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the gateway gave up on it, as it may, or the run is over
        finally:
            self._open.discard(task)
            writer.close()


async def _read(reader: asyncio.StreamReader) -> RawRequest:
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    method, target, _ = head.split("\r\n")[0].split(" ")
    lengths = [line.split(":")[1] for line in head.lower().split("\r\n") if line.startswith("content-length")]
    return RawRequest(method, target, head, await reader.readexactly(int(lengths[0])) if lengths else b"")
