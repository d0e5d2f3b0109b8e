"""Who a page is about, as its banner names them."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.store.tables import Patient

_PATIENTS = Patient.__table__  # type: ignore[attr-defined]


class PatientBanner(Struct, frozen=True, kw_only=True):
    id: str
    nhs_number: str
    name: str
    birth_date: str | None
    gender: str | None
    ward: str | None
    bed: str | None
    discharge_at: str | None


def banner_of(connection: Connection, patient: str) -> PatientBanner:
    """Of a patient who is there."""
    person = connection.execute(select(_PATIENTS).where(_PATIENTS.c.id == patient)).one()
    return PatientBanner(**{f: getattr(person, f) for f in PatientBanner.__struct_fields__})
