"""One patient's reconciliation as its reviewers work on it."""

from __future__ import annotations

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Patient(SQLModel, table=True):
    """Who a review is about. The NHS number never leaves by an address or a log."""

    id: str = Field(primary_key=True)
    nhs_number: str = Field(unique=True, index=True)
    name: str
    birth_date: str | None = None
    gender: str | None = None
    ward: str | None = None
    bed: str | None = None
    discharge_at: str | None = None


class Review(SQLModel, table=True):
    """One patient's reconciliation as its reviewer sees it; `snapshot` is exactly what was shown.

    `follows` is the review that this one took the place of when the lists were fetched again, `changed` how much the
    lists had changed between the two.
    """

    id: str = Field(primary_key=True)
    patient: str = Field(foreign_key="patient.id", index=True)
    state: str = "open"
    snapshot: bytes = Field(sa_type=LargeBinary)
    snapshot_sha256: str
    opened_at: str
    signed_at: str | None = None
    version: int = 1
    follows: str | None = None
    changed: int = 0


class RowDecision(SQLModel, table=True):
    """The decision that stands for a row; the ledger holds every one that stood before.

    `look_again`: it stood for this medicine in the review before, and does not any more, because the row changed.
    """

    __tablename__ = "row_decision"
    __table_args__ = (UniqueConstraint("review", "row"),)

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    row: str
    version: int = 1
    standing: bool = True
    look_again: bool = False
    decision: str


class PrescriberQuery(SQLModel, table=True):
    """A question to the prescriber about a row, and the reply. Only a new decision or its undoing sets `closed_at`.

    `answered_by` says by role who replied, `answered_when` when, both as the person who recorded it wrote them.
    """

    __tablename__ = "prescriber_query"

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    row: str
    question: str
    raised_by: str
    raised_role: str
    raised_at: str
    reply: str | None = None
    answered_by: str | None = None
    answered_when: str | None = None
    recorded_by: str | None = None
    recorded_at: str | None = None
    closed_at: str | None = None


class QuarantineNote(SQLModel, table=True):
    """What a person says an item is that the gateway could not understand. Taken back, it stays, not standing."""

    __tablename__ = "quarantine_note"

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    list: str
    resource: str
    note: str
    actor: str
    role: str
    at: str
    standing: bool = True


class Presence(SQLModel, table=True):
    """Who has a review open: the last time each person's page of it was drawn."""

    review: str = Field(foreign_key="review.id", primary_key=True)
    account: str = Field(foreign_key="account.id", primary_key=True)
    at: str


class Handover(SQLModel, table=True):
    """Who a review was given to, by whom and with which note. The highest version holds; the others are its history."""

    __table_args__ = (UniqueConstraint("review", "version"),)

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    version: int
    given_to: str = Field(foreign_key="account.id", index=True)
    given_by: str = Field(foreign_key="account.id")
    note: str | None = None
    at: str
