"""Tables. Times are ISO 8601 strings in UTC, so that both databases keep them exactly; ids are opaque random words."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel


class Account(SQLModel, table=True):
    """A person who signs in. `password_hash` is argon2id."""

    id: str = Field(primary_key=True)
    name: str = Field(unique=True, index=True)
    display_name: str
    role: str
    password_hash: str
    staff_group: str | None = None
    band: str | None = None
    disabled: bool = False
    failures: int = 0
    locked_until: str | None = None
    created_at: str


class SignedIn(SQLModel, table=True):
    """A session. Only the SHA-256 of the cookie's token is kept."""

    __tablename__ = "signed_in"

    token_hash: str = Field(primary_key=True)
    account: str = Field(foreign_key="account.id", index=True)
    csrf_secret: str
    created_at: str
    last_seen_at: str
    expires_at: str


class Source(SQLModel, table=True):
    """A registered organisation's endpoint (SourceSystem). `state` is draft, active or retired.

    `credentials` is JSON of what is not secret; `sealed` holds the secrets, encrypted with GATEWAY_SECRET_KEY.
    """

    id: str = Field(primary_key=True)
    name: str = Field(unique=True)
    organisation: str
    ods_code: str | None = None
    kind: str
    base_url: str
    dialect: str
    fhir_version: str
    role: str | None = None
    coverage: str = ""
    deadline_s: float = 0.0
    created_at: str
    state: str = "active"
    contact: str = ""
    credentials: str = "{}"
    sealed: bytes | None = Field(default=None, sa_type=LargeBinary)


class SourceReport(SQLModel, table=True):
    """A self-test of a source: `report` is JSON of counts and causes, without anything of the test patient."""

    __tablename__ = "source_report"

    id: str = Field(primary_key=True)
    source: str = Field(foreign_key="source.id", index=True)
    at: str
    report: str


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


class FetchRun(SQLModel, table=True):
    """One attempt at one source for one patient, and the state of the list it gave."""

    __tablename__ = "fetch_run"

    id: str = Field(primary_key=True)
    source: str = Field(foreign_key="source.id", index=True)
    patient: str = Field(foreign_key="patient.id", index=True)
    state: str
    causes: str = "[]"
    started_at: str
    milliseconds: int
    received: int = 0
    entries: int = 0


class Document(SQLModel, table=True):
    """The bytes exactly as fetched, compressed with zlib; `sha256` is of the plain bytes."""

    __tablename__ = "source_document"

    id: str = Field(primary_key=True)
    fetch_run: str = Field(foreign_key="fetch_run.id", index=True)
    sha256: str = Field(index=True)
    media_type: str | None = None
    origin: str
    fetched_at: str
    content: bytes = Field(sa_type=LargeBinary)


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
    """The decision that stands for a row; the ledger holds every one that stood before."""

    __tablename__ = "row_decision"
    __table_args__ = (UniqueConstraint("review", "row"),)

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    row: str
    version: int = 1
    standing: bool = True
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


class AuditCase(SQLModel, table=True):
    """One patient in one audit pack."""

    __tablename__ = "audit_case"
    __table_args__ = (UniqueConstraint("pack", "review"),)

    id: str = Field(primary_key=True)
    pack: str = Field(index=True)
    review: str = Field(foreign_key="review.id", index=True)
    why: str
    created_at: str


class AuditAnswer(SQLModel, table=True):
    """One field of a case: what was proposed and what a person made of it."""

    __tablename__ = "audit_answer"
    __table_args__ = (UniqueConstraint("audit_case", "question"),)

    id: str = Field(primary_key=True)
    audit_case: str = Field(foreign_key="audit_case.id", index=True)
    question: str
    proposal: str
    state: str = "untouched"
    code: str | None = None
    origin: str | None = None
    reason: str | None = None
    note: str | None = None
    actor: str | None = None
    decided_at: str | None = None
    version: int = 1


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


class LedgerRow(SQLModel, table=True):
    """Append-only and hash-chained; triggers refuse UPDATE and DELETE against accidents."""

    __tablename__ = "ledger"
    __table_args__ = (Index("ix_ledger_subject_item", "subject", "item"),)

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


class AccessEvent(SQLModel, table=True):
    """Who looked at which patient, allowed or denied. A stream of its own, beside the ledger."""

    __tablename__ = "access_event"

    id: str = Field(primary_key=True)
    at: str
    account: str
    role: str
    action: str
    patient: str | None = Field(default=None, index=True)
    allowed: bool


class Received(SQLModel, table=True):
    """A form that was taken: the same key again answers as before and writes nothing."""

    __tablename__ = "received_form"

    key: str = Field(primary_key=True)
    payload_hash: str
    at: str
