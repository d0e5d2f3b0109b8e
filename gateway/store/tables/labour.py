"""Summaries of the ledger that can always be made again from it."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class LabourCell(SQLModel, table=True):
    """One counted fact. `fact` is JSON of its columns after the week, `seconds` of a histogram of whole seconds."""

    __tablename__ = "labour_cell"
    __table_args__ = (UniqueConstraint("week", "kind", "fact"),)

    id: int | None = Field(default=None, primary_key=True)
    week: str
    kind: str
    fact: str
    n: int
    seconds: str


class LabourReached(SQLModel, table=True):
    """Up to which row of the ledger the cells count; one row, `id` 1. `words` is the hash of the vocabulary used."""

    __tablename__ = "labour_reached"

    id: int = Field(primary_key=True)
    seq: int
    words: str
