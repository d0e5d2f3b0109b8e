"""Fetch one patient's lists from every registered organisation, keep what came, reconcile, and open a review."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Callable, Mapping, Sequence

import msgspec
from msgspec import Struct

from gateway.actions.access import ROLE_WORDS, Person
from gateway.actions.aliases import standing_aliases
from gateway.actions.fill_cases import fill_cases
from gateway.actions.hand_lists import lists_by_hand, standing_splits
from gateway.actions.keep_stay import keep_stays_of
from gateway.actions.reconcile import Knowledge, one_patient, reconcile
from gateway.actions.record_fetch import Attempt, known_patient, record_fetch
from gateway.actions.register_source import RegisteredSource, as_system, registered_sources
from gateway.actions.reviews import open_review
from gateway.errors import InputError, PatientMismatch
from gateway.records.dates import LONDON
from gateway.records.lists import Encounter, ListAsWritten, ListRole, ListState
from gateway.records.nhs_number import SYSTEM, checked_identifier
from gateway.records.process import ProcessTimes
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings
from gateway.sources.asked_by import AskedBy, asking_for
from gateway.sources.connections import Connections
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Fetched, OnProgress, PatientQuery
from gateway.store.database import Database
from gateway.store.secrets import SecretBox

Now = Callable[[], dt.datetime]

_ADMITTED = {"in-progress", "arrived", "onleave"}


class FetchedPatient(Struct, frozen=True):
    """The patient's opaque id, and the lists of all organisations lined up."""

    patient: str
    reconciliation: Reconciliation


async def fetch_patient(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    connections: Connections,
    *,
    nhs_number: str,
    now: Now,
    on_progress: OnProgress | None = None,
    by: Person | None = None,
) -> str:
    """The id of the review that was opened. Raises as `fetch_and_reconcile`."""
    found = await fetch_and_reconcile(
        database, settings, knowledge, connections, nhs_number=nhs_number, now=now, on_progress=on_progress, by=by
    )
    return await asyncio.to_thread(_open, database, settings, knowledge, found, now())


async def fetch_and_reconcile(
    database: Database,
    settings: Settings,
    knowledge: Knowledge,
    connections: Connections,
    *,
    nhs_number: str,
    now: Now,
    on_progress: OnProgress | None = None,
    roles: Mapping[str, ListRole] | None = None,
    by: Person | None = None,
) -> FetchedPatient:
    """Ask every active organisation, keep every attempt, also one that failed, and line the lists up.

    `by` is who asks; None where the gateway asks by itself, and the organisations are told so.
    `nhs_number` is of the system that the site's setting names. Raises InputError for what cannot be one, where no
    organisation is registered, or where none gave a list; PatientMismatch where they name different people.
    """
    system = settings.identifier_system
    number = checked_identifier(nhs_number, system)
    box = SecretBox(settings.secret_key)
    registered = await asyncio.to_thread(registered_sources, database)
    if not registered:
        raise InputError("No organisation is registered yet, so there is nobody to ask.")
    with asking_for(AskedBy(account=by.account, name=by.display_name, role=ROLE_WORDS[by.role]) if by else None):
        fetched = await fetch_all(
            [as_system(one, box) for one in registered],
            PatientQuery(identifier=number, system=system),
            settings,
            on_progress,
            connections=connections,
            now=now,
        )
    return await asyncio.to_thread(_keep, database, knowledge, number, registered, fetched, now(), roles, system)


def _open(database: Database, settings: Settings, knowledge: Knowledge, found: FetchedPatient, now: dt.datetime) -> str:
    one = found.reconciliation
    review = open_review(database, patient=found.patient, reconciliation=one, now=now)
    fill_cases(
        database,
        review=review,
        reconciliation=one,
        vocabulary=knowledge.vocabulary,
        now=now,
        withheld_share=settings.audit_withheld_share,
    )
    return review


def _keep(
    database: Database,
    knowledge: Knowledge,
    number: str,
    registered: Sequence[RegisteredSource],
    fetched: Sequence[Fetched],
    now: dt.datetime,
    asked_roles: Mapping[str, ListRole] | None,
    system: str,
) -> FetchedPatient:
    lists = [one.list for one in fetched]
    mismatch: PatientMismatch | None = None
    try:
        who = one_patient(lists)
    except PatientMismatch as error:
        who, mismatch = None, error
    # Where the lists are of different people, nobody knows whose ward and discharge they tell.
    stay = None if mismatch else _stay(lists)
    patient = known_patient(
        database,
        nhs_number=number,
        name=who.name if who else None,
        birth_date=who.birth_date if who else None,
        gender=who.gender if who else None,
        ward=stay.location if stay else None,
        bed=stay.bed if stay else None,
        discharge_at=_planned_end(stay),
    )
    if not mismatch:
        told = {source.id: one.list.encounters for source, one in zip(registered, fetched, strict=True)}
        keep_stays_of(database, patient=patient, told=told, knowledge=knowledge, now=now)
    attempts = [
        Attempt(
            source=source.id,
            list=got.list,
            documents=got.documents,
            started=dt.datetime.fromisoformat(got.started),
            milliseconds=round(got.seconds * 1000),
        )
        for source, got in zip(registered, fetched, strict=True)
    ]
    record_fetch(database, patient=patient, attempts=attempts, now=now)
    if mismatch:
        raise mismatch
    if all(one.state in {ListState.FAILED, ListState.WITHHELD} for one in lists):
        causes = "; ".join(f"{one.organisation or one.name}: {' '.join(one.causes)}" for one in lists)
        raise InputError(f"No list was received from any organisation ({causes}).")
    roles = {one.name: ListRole(one.role) for one in registered if one.role}
    with database.read() as connection:
        by_hand, splits = lists_by_hand(connection, patient), standing_splits(connection, patient)
    result = reconcile(
        [*lists, *by_hand],
        knowledge,
        now.astimezone(LONDON).date(),
        asked_roles,
        registered=roles,
        times=ProcessTimes(now=now),
        aliases=standing_aliases(database),
        splits=splits,
    )
    if system == SYSTEM and result.patient is not None and result.patient.nhs_number is None:
        result = msgspec.structs.replace(result, patient=msgspec.structs.replace(result.patient, nhs_number=number))
    return FetchedPatient(patient, result)


def _stay(lists: Sequence[ListAsWritten]) -> Encounter | None:
    """The inpatient stay that is under way, the latest where there are several."""
    stays = [e for one in lists for e in one.encounters if e.status in _ADMITTED and e.class_code in {"IMP", "ACUTE"}]
    return max(stays, key=lambda e: e.start or "", default=None)


def _planned_end(stay: Encounter | None) -> dt.datetime | None:
    """R4 has no element for a planned discharge; the end of a stay that is under way lies ahead, so it is planned."""
    try:
        said = (stay.planned_end or stay.end) if stay else None
        end = dt.datetime.fromisoformat(said) if said else None
    except ValueError:
        return None
    return end.astimezone(dt.UTC) if end and end.tzinfo else None
