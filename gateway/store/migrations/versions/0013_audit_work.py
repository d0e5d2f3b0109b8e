"""Audit cases are locked; proposals are withheld or overtaken; the ward is asked; fields are entered a second time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_case", sa.Column("locked_at", sa.String(), nullable=True))
    op.add_column("audit_case", sa.Column("locked_by", sa.String(), nullable=True))
    op.add_column("audit_answer", sa.Column("newer", sa.String(), nullable=True))
    op.add_column("audit_answer", sa.Column("withheld", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "audit_query",
        *_texts("id", "audit_case", "question", "asked", "raised_by", "raised_at"),
        *_texts("reply", "answered_by", "recorded_by", "recorded_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["audit_case"], ["audit_case.id"]),
    )
    op.create_index(op.f("ix_audit_query_audit_case"), "audit_query", ["audit_case"])
    op.create_table(
        "second_entry",
        *_texts("id", "run", "pack", "audit_case", "question", "drawn_at"),
        *_texts("code", "entered_by", "entered_at", nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.ForeignKeyConstraint(["audit_case"], ["audit_case.id"]),
        sa.UniqueConstraint("run", "audit_case", "question"),
    )
    op.create_index(op.f("ix_second_entry_audit_case"), "second_entry", ["audit_case"])
    op.create_index(op.f("ix_second_entry_run"), "second_entry", ["run"])


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.String(), nullable=nullable) for name in names]
