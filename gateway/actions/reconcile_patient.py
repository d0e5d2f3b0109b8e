"""Reconcile a patient from the registered organisations on the command line: nothing is opened, everything is kept."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping

from gateway.actions.fetch_patient import FetchedPatient, fetch_and_reconcile
from gateway.actions.reconcile import Knowledge
from gateway.records.lists import ListRole
from gateway.records.nhs_number import checked_identifier
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.source import OnProgress
from gateway.store import access_log
from gateway.store.database import Database


def reconcile_patient(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    *,
    nhs_number: str,
    now: Callable[[], dt.datetime],
    on_progress: OnProgress | None = None,
    roles: Mapping[str, ListRole] | None = None,
) -> Reconciliation:
    """That somebody looked at this patient from the command line is kept. Raises as `fetch_and_reconcile`."""
    checked_identifier(nhs_number, settings.identifier_system)

    async def run() -> FetchedPatient:
        async with Connections(settings, now) as connections:
            return await fetch_and_reconcile(
                database, settings, knowledge, connections,
                nhs_number=nhs_number, now=now, on_progress=on_progress, roles=roles,
            )  # fmt: skip

    found = asyncio.run(run())
    with database.write() as connection:
        access_log.note(
            connection, at=now().isoformat(), account="command-line", role="administrator",
            action="patient.reconcile", patient=found.patient, allowed=True,
        )  # fmt: skip
    return found.reconciliation
