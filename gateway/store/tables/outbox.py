"""Work that must survive: what is to be sent or done later, written with the change that causes it."""

from __future__ import annotations

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel


class OutboxItem(SQLModel, table=True):
    """One piece of work. `state` is waiting, claimed, done, failed or withdrawn.

    `subject` is the review (or other thing) it is about, `signed_at` the signature it holds for (None: any), `target`
    the source it goes to, `details` JSON that its kind reads. `claim` names the one attempt that may finish it until
    `lease_until`; `problem` and `result` (JSON) hold no patient data. Times have microseconds always, so that they sort
    as texts.
    """

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_state_next_at", "state", "next_at"),)

    id: str = Field(primary_key=True)
    kind: str
    subject: str = Field(index=True)
    signed_at: str | None = None
    target: str | None = None
    details: str = "{}"
    body: str | None = Field(default=None, foreign_key="outbox_body.sha256")
    state: str = "waiting"
    due_at: str
    next_at: str
    give_up_at: str
    attempts: int = 0
    claim: str | None = None
    lease_until: str | None = None
    problem: str | None = None
    result: str = "{}"
    created_by: str
    created_role: str
    created_at: str
    ended_at: str | None = None


class OutboxBody(SQLModel, table=True):
    """What is sent, once however often and wherever it goes: compressed with zlib; `sha256` is of the plain bytes."""

    __tablename__ = "outbox_body"

    sha256: str = Field(primary_key=True)
    media_type: str
    content: bytes = Field(sa_type=LargeBinary)


class FollowUpTask(SQLModel, table=True):
    """What a fetch after discharge found that a person must act on; `evidence` is JSON of entries and their dates.

    `key` names the finding with its evidence, so that the same is raised once for one signature. `state` is open or
    closed; a new signature or reopening closes nothing, and a person closes it with a reason.
    """

    __tablename__ = "follow_up_task"

    id: str = Field(primary_key=True)
    review: str = Field(foreign_key="review.id", index=True)
    patient: str = Field(foreign_key="patient.id")
    signed_at: str
    day: int
    key: str
    what: str
    medicine: str | None = None
    list: str | None = None
    words: str
    evidence: str = "[]"
    state: str = Field(default="open", index=True)
    raised_at: str
    closed_at: str | None = None
    closed_by: str | None = None
    closed_role: str | None = None
    reason: str | None = None
