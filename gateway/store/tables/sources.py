"""The registered organisations, and what was fetched from them, exactly as it came."""

from __future__ import annotations

from sqlalchemy import LargeBinary
from sqlmodel import Field, SQLModel


class Source(SQLModel, table=True):
    """A registered organisation's endpoint (SourceSystem). `state` is draft, active or retired.

    `credentials` is JSON of what is not secret; `sealed` holds the secrets, encrypted with GATEWAY_SECRET_KEY.
    `post_url` is where it takes documents by FHIR POST, None where it takes none.
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
    post_url: str | None = None


class SourceReport(SQLModel, table=True):
    """A self-test of a source: `report` is JSON of counts and causes, without anything of the test patient."""

    __tablename__ = "source_report"

    id: str = Field(primary_key=True)
    source: str = Field(foreign_key="source.id", index=True)
    at: str
    report: str


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
