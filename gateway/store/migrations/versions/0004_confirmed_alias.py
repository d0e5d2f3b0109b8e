"""Aliases that people confirmed: how an unread name is to be read."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "confirmed_alias",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("written", sa.String(), nullable=False),
        sa.Column("organisation", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("read_as", sa.String(), nullable=False),
        sa.Column("ingredients", sa.String(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reversed_by", sa.String(), nullable=True),
        sa.Column("reversed_role", sa.String(), nullable=True),
        sa.Column("reversed_at", sa.String(), nullable=True),
        sa.Column("reversed_reason", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("written", "organisation", "version"),
    )
    op.create_index(op.f("ix_confirmed_alias_written"), "confirmed_alias", ["written"], unique=False)
