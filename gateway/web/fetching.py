"""Fetches under way, so that a page can show their progress. They live in this process only: what counts is stored."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator

from fastapi import FastAPI
from msgspec import Struct, field

from gateway.actions.access import Person
from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.fetch_progress import Progress
from gateway.actions.house import House
from gateway.actions.register_source import registered_sources
from gateway.errors import GatewayError, NotFound, UsageError
from gateway.records.nhs_number import checked_identifier

_LOG = logging.getLogger(__name__)

#: More than a ward starts at once; each holds a connection to every organisation.
_AT_ONCE = 20
_KEPT = 200


class Source(Struct, kw_only=True):
    """How far one organisation's answer is, in words."""

    name: str
    organisation: str
    words: str = "Waiting"
    state: str | None = None
    seconds: float = 0.0


class Fetching(Struct, kw_only=True):
    id: str
    account: str
    sources: dict[str, Source]
    review: str | None = None
    failure: GatewayError | None = None
    waited_s: float = 0.0
    wait_noted: bool = False
    news: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def under_way(self) -> bool:
        return self.review is None and self.failure is None


class Fetches:
    def __init__(self) -> None:
        self._jobs: dict[str, Fetching] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, house: House, person: Person, nhs_number: str) -> Fetching:
        """Raises InputError for a number that cannot be one, UsageError while too many are under way."""
        checked_identifier(nhs_number, house.settings.identifier_system)
        if len(self._tasks) >= _AT_ONCE:
            raise UsageError("Many patients are being fetched at this moment; try again in a minute.")
        registered = await asyncio.to_thread(registered_sources, house.database)
        job = Fetching(
            id=secrets.token_urlsafe(12),
            account=person.account,
            sources={one.name: Source(name=one.name, organisation=one.organisation) for one in registered},
        )
        self._jobs[job.id] = job
        while len(self._jobs) > _KEPT:
            self._jobs.pop(next(iter(self._jobs)))
        task = asyncio.create_task(self._run(house, job, nhs_number, person))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return job

    def of(self, job: str, person: Person) -> Fetching:
        """Raises NotFound, also for the job of another person."""
        found = self._jobs.get(job)
        if found is None or found.account != person.account:
            raise NotFound("This fetch is over; look for the patient on the worklist.")
        return found

    async def _run(self, house: House, job: Fetching, nhs_number: str, person: Person) -> None:
        async def on_progress(news: Progress) -> None:
            one = job.sources[news.source]
            one.words, one.seconds = news.words, news.seconds
            one.state = news.state.value if news.state else None
            await _tell(job)

        began = house.now()
        try:
            review = await fetch_patient(
                house.database,
                house.settings,
                house.knowledge,
                house.connections,
                nhs_number=nhs_number,
                now=house.now,
                on_progress=on_progress,
                by=person,
            )
            job.waited_s = (house.now() - began).total_seconds()
            job.review = review
        except GatewayError as error:
            job.failure = error
        except Exception as error:
            # Its text may hold patient data; the page must not wait for ever.
            _LOG.error("a fetch ended with %s", type(error).__name__)
            job.failure = GatewayError("The gateway could not finish the fetch (a fault of the gateway).")
        await _tell(job)


async def _tell(job: Fetching) -> None:
    async with job.news:
        job.news.notify_all()


async def news_of(job: Fetching) -> AsyncIterator[bool]:
    """Whether the fetch is still under way: now, after each piece of news, and for the last time when it ended."""
    while job.under_way:
        yield True
        async with job.news:
            # Something may have happened between the look and the wait; a second without news is looked at again.
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(job.news.wait(), timeout=1.0)
    yield False


def fetching_of(app: FastAPI) -> Fetches:
    """One for the process."""
    there = getattr(app.state, "fetches", None)
    if not isinstance(there, Fetches):
        there = app.state.fetches = Fetches()
    return there
