"""The ledger, the access log beside it, and the forms already taken."""

from __future__ import annotations

from sqlalchemy import Index
from sqlmodel import Field, SQLModel


class LedgerRow(SQLModel, table=True):
    """Append-only and hash-chained; triggers refuse UPDATE and DELETE against accidents."""

    __tablename__ = "ledger"
    __table_args__ = (
        Index("ix_ledger_subject_item", "subject", "item"),
        Index("ix_ledger_subject_seq", "subject", "seq"),
    )

    seq: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    at: str
    kind: str = Field(index=True)
    subject: str
    item: str | None = None
    actor: str
    role: str
    reason: str | None = None
    seconds: float | None = None
    timing: str | None = None
    payload: str
    previous: str
    hash: str
    staff_group: str | None = None
    band: str | None = None
    idle_after_s: int | None = None


class AccessEvent(SQLModel, table=True):
    """Who looked at which patient, or signed in, allowed or denied. A chain of its own, beside the ledger."""

    __tablename__ = "access_event"
    __table_args__ = (Index("ix_access_event_seq", "seq", unique=True),)

    id: str = Field(primary_key=True)
    at: str
    account: str
    role: str
    action: str
    patient: str | None = Field(default=None, index=True)
    allowed: bool
    seq: int
    previous: str
    hash: str


class Received(SQLModel, table=True):
    """A form that was taken: the same key again answers as before and writes nothing."""

    __tablename__ = "received_form"

    key: str = Field(primary_key=True)
    payload_hash: str
    at: str
