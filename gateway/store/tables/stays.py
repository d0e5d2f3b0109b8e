"""Who is in hospital, as the hospitals tell it."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class Stay(SQLModel, table=True):
    """One stay, by the Encounter of one source. `patient` is None where it was set aside; then `cause` says why.

    `ended_at` is set when it is over (`status` says how); nothing deletes a stay. `admitted_at` and `discharge_at` are
    ISO 8601: a moment in UTC, or a day where the record gives no hour.
    """

    __table_args__ = (UniqueConstraint("source", "encounter"),)

    id: str = Field(primary_key=True)
    source: str = Field(foreign_key="source.id", index=True)
    encounter: str
    patient: str | None = Field(default=None, foreign_key="patient.id", index=True)
    name: str | None = None
    cause: str | None = None
    status: str
    ward: str | None = None
    bed: str | None = None
    admitted_at: str | None = None
    discharge_at: str | None = None
    ended_at: str | None = None
