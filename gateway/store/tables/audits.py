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
