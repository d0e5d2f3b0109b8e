"""What people entered by hand about a patient's medicines. It belongs to the patient, so that it outlasts a fetch."""

from __future__ import annotations

from sqlmodel import Field, SQLModel


class HandEntryRow(SQLModel, table=True):
    """A medicine as told or seen. Corrected or taken back, it stays, not standing."""

    __tablename__ = "hand_entry"

    id: str = Field(primary_key=True)
    patient: str = Field(foreign_key="patient.id", index=True)
    teller: str
    medicine: str
    dose: str
    about: str | None = None
    told_on: str | None = None
    note: str | None = None
    corrects: str | None = None
    standing: bool = True
    actor: str
    role: str
    at: str
    taken_back_by: str | None = None
    taken_back_role: str | None = None
    taken_back_at: str | None = None
    taken_back_reason: str | None = None


class RowSplit(SQLModel, table=True):
    """Entries (a JSON list of ids) that a person considers apart from the rest of their row."""

    __tablename__ = "row_split"

    id: str = Field(primary_key=True)
    patient: str = Field(foreign_key="patient.id", index=True)
    entries: str
    reason: str
    standing: bool = True
    actor: str
    role: str
    at: str
