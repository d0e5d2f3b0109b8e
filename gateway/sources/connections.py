"""The open ways to the sources, kept between fetches."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable
from types import TracebackType

from gateway.settings import Settings
from gateway.sources.source import SourceSystem
from gateway.sources.transport import MAX_BODY, GuardedTransport

Now = Callable[[], dt.datetime]


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


class Connections:
    """One transport for each source, kept between fetches. Belongs to one event loop; use as `async with`."""

    def __init__(self, settings: Settings, now: Now = utc_now) -> None:
        self._settings, self._now = settings, now
        self._transports: dict[SourceSystem, GuardedTransport] = {}

    def of(self, source: SourceSystem) -> GuardedTransport:
        """Raises InputError where the source's address cannot be used."""
        there = self._transports.get(source)
        if there is None:
            there = self._transports[source] = GuardedTransport(
                source,
                allowed_networks=self._settings.allowed_networks,
                max_bytes=min(MAX_BODY, self._settings.max_document_bytes),
                now=self._now,
            )
        return there

    async def close(self) -> None:
        await asyncio.gather(*(one.close() for one in self._transports.values()))
        self._transports.clear()

    async def __aenter__(self) -> Connections:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        await self.close()
