"""Realist notes: in which context what was offered or taken away worked how, for whom, with which outcome."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class RealistNote(SQLModel, table=True):
    """One version of one note; the newest stands, none is ever changed. `measures` and `events` are JSON lists."""

    __tablename__ = "realist_note"
    __table_args__ = (UniqueConstraint("note", "version"),)

    id: str = Field(primary_key=True)
    note: str = Field(index=True)
    version: int
    context: str
    resource_offered: str
    resource_removed: str
    mechanism: str
    outcome: str
    role: str
    polarity: str
    status: str
    measures: str
    events: str
    actor: str
    at: str
