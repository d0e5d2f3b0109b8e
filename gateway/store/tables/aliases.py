"""What people confirmed of unread names."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class AliasVersion(SQLModel, table=True):
    """What a person confirmed of one unread name, each version a row; only `standing` and the reversal ever change.

    `organisation` is the source's name, or empty for all.
    """

    __tablename__ = "confirmed_alias"
    __table_args__ = (UniqueConstraint("written", "organisation", "version"),)

    id: str = Field(primary_key=True)
    written: str = Field(index=True)
    organisation: str = ""
    version: int
    read_as: str
    ingredients: str
    standing: bool = True
    actor: str
    role: str
    at: str
    reason: str
    reversed_by: str | None = None
    reversed_role: str | None = None
    reversed_at: str | None = None
    reversed_reason: str | None = None
