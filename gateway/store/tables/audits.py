"""Cases of the clinical audits and their answers."""

from __future__ import annotations

from sqlalchemy import UniqueConstraint
from sqlmodel import Field, SQLModel


class AuditCase(SQLModel, table=True):
    """One patient in one audit pack. `entered_by` is criteria, hand or cohort; an excluded case keeps its answers."""

    __tablename__ = "audit_case"
    __table_args__ = (UniqueConstraint("pack", "review"),)

    id: str = Field(primary_key=True)
    pack: str = Field(index=True)
    review: str = Field(foreign_key="review.id", index=True)
    why: str
    created_at: str
    entered_by: str = "criteria"
    excluded_at: str | None = None
    excluded_by: str | None = None
    excluded_reason: str | None = None
    locked_at: str | None = None
    locked_by: str | None = None


class AuditAnswer(SQLModel, table=True):
    """One field of a case: what was proposed and what a person made of it.

    `newer` is what the record proposes by now where that is another code than the one a person decided on. `withheld`:
    the proposal is not shown before the person's own entry.
    """

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
    newer: str | None = None
    withheld: bool = False


class AuditQuery(SQLModel, table=True):
    """A question to the ward about one field, and its reply as the person who recorded it wrote it."""

    __tablename__ = "audit_query"

    id: str = Field(primary_key=True)
    audit_case: str = Field(foreign_key="audit_case.id", index=True)
    question: str
    asked: str
    raised_by: str
    raised_at: str
    reply: str | None = None
    answered_by: str | None = None
    recorded_by: str | None = None
    recorded_at: str | None = None


class SecondEntry(SQLModel, table=True):
    """One field that is entered a second time without sight of the first; `code` is None until then."""

    __tablename__ = "second_entry"
    __table_args__ = (UniqueConstraint("run", "audit_case", "question"),)

    id: str = Field(primary_key=True)
    run: str = Field(index=True)
    pack: str
    audit_case: str = Field(foreign_key="audit_case.id", index=True)
    question: str
    drawn_at: str
    code: str | None = None
    entered_by: str | None = None
    entered_at: str | None = None
