"""Which stay counts for a patient: the one under way, else the last; of several the one that began last."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from gateway.store.tables import Stay

_STAYS = Stay.__table__  # type: ignore[attr-defined]


def latest_stays(connection: Connection, patient: str | None = None) -> dict[str, Row[Any]]:
    """By patient; of one patient alone where it is given."""
    query = select(_STAYS).where(_STAYS.c.patient.is_not(None))
    if patient is not None:
        query = query.where(_STAYS.c.patient == patient)
    rows = sorted(connection.execute(query), key=lambda r: (r.ended_at is None, r.admitted_at or "", r.id))
    return {row.patient: row for row in rows}


def admitted_at(connection: Connection, patient: str) -> str | None:
    """Of the stay under way: a moment in UTC, or a day where the record gives no hour; None where neither is known."""
    stay = latest_stays(connection, patient).get(patient)
    return stay.admitted_at if stay is not None and stay.ended_at is None else None
