"""Keep what a source sent: the documents as they came, the list's state, and a row in the ledger."""

from __future__ import annotations

import datetime as dt
import json
import zlib
from collections.abc import Sequence

from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from gateway.actions.ids import new_id
from gateway.records.ledger import Act
from gateway.records.lists import ListAsWritten, SourceDocument
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Document, FetchRun, Patient

_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
_RUNS = FetchRun.__table__  # type: ignore[attr-defined]
_DOCUMENTS = Document.__table__  # type: ignore[attr-defined]

NAMELESS = "Name not received"


class Attempt(Struct, frozen=True, kw_only=True):
    """One source's answer for one patient; times as they were measured at the edge."""

    source: str
    list: ListAsWritten
    documents: tuple[SourceDocument, ...]
    started: dt.datetime
    milliseconds: int


def known_patient(
    database: Database,
    *,
    nhs_number: str,
    name: str | None,
    birth_date: str | None = None,
    gender: str | None = None,
    ward: str | None = None,
    bed: str | None = None,
    discharge_at: dt.datetime | None = None,
) -> str:
    """As `put_patient`, in a transaction of its own."""
    with database.write() as connection:
        return put_patient(
            connection, nhs_number=nhs_number, name=name, birth_date=birth_date, gender=gender, ward=ward, bed=bed,
            discharge_at=discharge_at.isoformat() if discharge_at else None,
        )  # fmt: skip


def put_patient(
    connection: Connection,
    *,
    nhs_number: str,
    name: str | None,
    birth_date: str | None = None,
    gender: str | None = None,
    ward: str | None = None,
    bed: str | None = None,
    discharge_at: str | None = None,
) -> str:
    """The patient's opaque id; a new one where the NHS number is not known yet. What is told now replaces what was.

    A patient whom no source has named yet is kept as NAMELESS; a later fetch without a name takes no name away. A bed
    belongs to its ward: of a new ward without a bed, the bed is not known.
    """
    said = {
        "name": name,
        "birth_date": birth_date,
        "gender": gender,
        "ward": ward,
        "bed": bed,
        "discharge_at": discharge_at,
    }
    row = connection.execute(select(_PATIENTS.c.id).where(_PATIENTS.c.nhs_number == nhs_number)).first()
    if row:
        news = {f: value for f, value in said.items() if value is not None or (f == "bed" and ward is not None)}
        if news:
            connection.execute(update(_PATIENTS).where(_PATIENTS.c.id == row.id).values(**news))
        return str(row.id)
    made = new_id()
    fresh = {"id": made, "nhs_number": nhs_number, **said, "name": name or NAMELESS}
    connection.execute(insert(_PATIENTS), [fresh])
    return made


def record_fetch(database: Database, *, patient: str, attempts: Sequence[Attempt], now: dt.datetime) -> None:
    """All attempts of one fetch in one transaction."""
    runs, documents, acts = [], [], []
    for one in attempts:
        run = new_id()
        runs.append(
            {
                "id": run,
                "source": one.source,
                "patient": patient,
                "state": one.list.state.value,
                "causes": json.dumps(one.list.causes),
                "started_at": one.started.isoformat(),
                "milliseconds": one.milliseconds,
                "received": one.list.received,
                "entries": len(one.list.entries),
            }
        )
        documents += [
            {
                "id": new_id(),
                "fetch_run": run,
                "sha256": d.sha256,
                "media_type": d.media_type,
                "origin": d.origin,
                "fetched_at": d.fetched_at or one.started.isoformat(),
                "content": zlib.compress(d.content),
            }
            for d in one.documents
        ]
        payload: dict[str, object] = {
            "name": one.list.name,
            "state": one.list.state.value,
            "cause": one.list.causes[0] if one.list.causes else "",
            "received": one.list.received,
            "entries": len(one.list.entries),
            "set_aside": len(one.list.set_aside),
            "quarantined": len(one.list.quarantined),
            "milliseconds": one.milliseconds,
            "documents": [d.sha256 for d in one.documents],
        }
        acts.append(Act(kind="source.fetched", subject=one.source, item=run, payload=payload))
    with database.write() as connection:
        if runs:
            connection.execute(insert(_RUNS), runs)
        if documents:
            connection.execute(insert(_DOCUMENTS), documents)
        ledger.append(connection, acts, now.isoformat())
