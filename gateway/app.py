"""The only wiring: settings in, a web application out."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI

from gateway.actions.house import House
from gateway.actions.reconcile import load_knowledge
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.database import Database, open_database
from gateway.web.pages import mount_pages
from gateway.worker.run import run_worker


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def open_house(
    settings: Settings, *, database: Database | None = None, now: Callable[[], dt.datetime] = utc_now
) -> House:
    """What every door needs. Raises SettingsError or KnowledgeError."""
    return House(
        settings=settings,
        database=database or open_database(settings.database_url),
        knowledge=load_knowledge(settings.cache_dir, settings.site_file),
        connections=Connections(settings, now),
        now=now,
    )


def create_app(
    settings: Settings, *, database: Database | None = None, now: Callable[[], dt.datetime] = utc_now
) -> FastAPI:
    """Raises SettingsError or KnowledgeError before anything is served. A `database` that is given stays open.

    While it is served, what waits in the outbox is done too, unless the settings leave that to `gateway worker`.
    """
    house = open_house(settings, database=database, now=now)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        worker = asyncio.create_task(run_worker(house, stop)) if settings.worker_in_serve else None
        yield
        stop.set()
        if worker is not None:
            await worker
        await house.connections.close()
        if database is None:
            house.database.close()

    app = FastAPI(title="MedRec Gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    mount_pages(app, house)
    return app
