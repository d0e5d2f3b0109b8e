"""The only wiring: settings in, a web application out."""

from __future__ import annotations

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


def utc_now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def create_app(
    settings: Settings, *, database: Database | None = None, now: Callable[[], dt.datetime] = utc_now
) -> FastAPI:
    """Raises SettingsError or KnowledgeError before anything is served. A `database` that is given stays open."""
    opened = database or open_database(settings.database_url)
    house = House(
        settings=settings,
        database=opened,
        knowledge=load_knowledge(settings.cache_dir, settings.site_file),
        connections=Connections(settings, now),
        now=now,
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        await house.connections.close()
        if database is None:
            opened.close()

    app = FastAPI(title="MedRec Gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    mount_pages(app, house)
    return app
