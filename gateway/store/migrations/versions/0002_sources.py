"""Sources: state, contact, credentials (the secret part encrypted), and reports of their self-tests."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("source", sa.Column("state", sa.String(), nullable=False, server_default="active"))
    op.add_column("source", sa.Column("contact", sa.String(), nullable=False, server_default=""))
    op.add_column("source", sa.Column("credentials", sa.String(), nullable=False, server_default="{}"))
    op.add_column("source", sa.Column("sealed", sa.LargeBinary(), nullable=True))
    op.create_table(
        "source_report",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(op.f("ix_source_report_source"), "source_report", ["source"], unique=False)
