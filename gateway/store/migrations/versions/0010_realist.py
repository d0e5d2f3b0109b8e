"""Realist notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_WORDS = (
    "context", "resource_offered", "resource_removed", "mechanism", "outcome", "role", "polarity", "status", "measures",
    "events", "actor", "at",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "realist_note",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in _WORDS),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("note", "version"),
    )
    op.create_index(op.f("ix_realist_note_note"), "realist_note", ["note"])
