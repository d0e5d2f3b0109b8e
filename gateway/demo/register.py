"""Make the demo's organisations and people known to the gateway; what is there already is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence

from gateway.actions.access import Person
from gateway.actions.accounts import create_account, list_accounts
from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.reconcile import Knowledge
from gateway.actions.register_source import register_source, registered_sources
from gateway.actions.worklist import worklist
from gateway.demo.stories import Stories
from gateway.errors import Conflict
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.source import Kind, SourceSystem
from gateway.store.database import Database

Tell = Callable[[str], None]


def register_demo_sources(database: Database, sources: Sequence[SourceSystem], now: dt.datetime, tell: Tell) -> None:
    """Raises Conflict where a source of that name stands at another address: it may be a real one."""
    there = {one.name: one for one in registered_sources(database)}
    for source in sources:
        if source.name in there and there[source.name].base_url != source.base_url:
            raise Conflict(f"a source named {source.name} is registered at another address; nothing was changed")
    for source in sources:
        if source.name in there:
            continue
        register_source(
            database,
            now=now,
            name=source.name,
            organisation=source.organisation,
            kind=source.kind.value,
            base_url=source.base_url,
            dialect=source.dialect.value,
            fhir_version=source.fhir_version or "",
            ods_code=source.ods_code,
            coverage=source.coverage or "",
            # Discharge documents go to the practice and the pharmacy; the hospital is where they come from.
            post_url=f"{source.base_url.rstrip('/')}/Bundle" if source.kind is not Kind.HOSPITAL else None,
        )
        tell(f"{source.name}: registered")


def register_demo_accounts(
    database: Database, stories: Stories, passwords: Mapping[str, str], now: dt.datetime, tell: Tell
) -> Person:
    """An account for each of the staff, with their password by account; the first pharmacist.

    Raises UsageError for a short password.
    """
    there = {one.name: one for one in list_accounts(database)}
    for one in stories.staff:
        if one.account in there:
            tell(f"account {one.account}: there already, its password was not changed")
            continue
        there[one.account] = create_account(
            database, name=one.account, display_name=one.name, role=one.role, password=passwords[one.account], now=now
        )
        tell(f"account {one.account}: created")
    return there["pharmacist"]


async def open_demo_reviews(
    database: Database, settings: Settings, knowledge: Knowledge, stories: Stories, by: Person, now: dt.datetime
) -> int:
    """Fetch everyone who has no review yet from all registered sources; how many reviews were opened."""
    there = {line.patient.nhs_number for line in worklist(database, by=by, now=now) if line.review}
    absent = [one for one in stories.patients if one.nhs_number not in there]
    async with Connections(settings) as connections:
        for one in absent:
            await fetch_patient(
                database, settings, knowledge, connections, nhs_number=one.nhs_number, now=lambda: now
            )  # fmt: skip
    return len(absent)
