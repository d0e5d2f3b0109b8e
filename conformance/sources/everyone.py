"""Every demo patient, fetched over HTTP by the gateway's own action from three registered organisations."""

from __future__ import annotations

import asyncio
import datetime as dt
import tempfile
from pathlib import Path

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.reconcile import Knowledge
from gateway.actions.register_source import register_source
from gateway.actions.reviews import read_review
from gateway.demo.stories import Stories
from gateway.errors import InputError
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.database import Database, open_database
from gateway.store.tables import AuditCase

_CASES = AuditCase.__table__  # type: ignore[attr-defined]

#: The clock of every run, so that two runs can be compared to the byte.
NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
KINDS = {
    "gp": ("gp", "gp-connect-stu3", "3.0.1"),
    "hospital": ("hospital", "uk-core-r4", "4.0.1"),
    "pharmacy": ("community-pharmacy", "uk-core-r4", "4.0.1"),
}


class Outcome(Struct, frozen=True):
    """A review's reconciliation and the audits its patient is in, or why none was opened."""

    reconciliation: Reconciliation | None
    audits: tuple[str, ...] = ()
    words: str = ""


def fetch_everyone(stories: Stories, addresses: dict[str, str], knowledge: Knowledge) -> dict[str, Outcome]:
    """By patient key. The database is a new one on disk, gone at the end."""
    settings = Settings(allowed_networks=("127.0.0.0/8",))
    with tempfile.TemporaryDirectory(prefix="medrec-sources-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'gateway.sqlite3'}")
        try:
            for name, (kind, dialect, version) in KINDS.items():
                register_source(
                    database, now=NOW, name=name, organisation=stories.organisations[name].name, kind=kind,
                    base_url=addresses[name], dialect=dialect, fhir_version=version,
                )  # fmt: skip
            return asyncio.run(_fetch(stories, database, settings, knowledge))
        finally:
            database.close()


async def _fetch(stories: Stories, database: Database, settings: Settings, knowledge: Knowledge) -> dict[str, Outcome]:
    async with Connections(settings, lambda: NOW) as ways:

        async def one(number: str) -> Outcome:
            try:
                review = await fetch_patient(database, settings, knowledge, ways, nhs_number=number, now=lambda: NOW)
            except InputError as error:
                return Outcome(None, words=error.words)
            with database.read() as connection:
                cases = connection.execute(
                    select(_CASES.c.pack).where(_CASES.c.review == review).order_by(_CASES.c.pack)
                )
                return Outcome(read_review(connection, review).reconciliation, tuple(row.pack for row in cases))

        found = await asyncio.gather(*(one(p.nhs_number) for p in stories.patients))
    return {p.key: outcome for p, outcome in zip(stories.patients, found, strict=True)}
