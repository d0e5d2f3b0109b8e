"""Who is in hospital, and who a review was given to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "stay",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("encounter", sa.String(), nullable=False),
        sa.Column("patient", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("cause", sa.String(), nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("ward", sa.String(), nullable=True),
        sa.Column("bed", sa.String(), nullable=True),
        sa.Column("admitted_at", sa.String(), nullable=True),
        sa.Column("discharge_at", sa.String(), nullable=True),
        sa.Column("ended_at", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["patient"], ["patient.id"]),
        sa.ForeignKeyConstraint(["source"], ["source.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source", "encounter"),
    )
    op.create_index(op.f("ix_stay_patient"), "stay", ["patient"], unique=False)
    op.create_index(op.f("ix_stay_source"), "stay", ["source"], unique=False)
    op.create_table(
        "handover",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("review", sa.String(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("given_to", sa.String(), nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["given_by"], ["account.id"]),
        sa.ForeignKeyConstraint(["review"], ["review.id"]),
        sa.ForeignKeyConstraint(["given_to"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("review", "version"),
    )
    op.create_index(op.f("ix_handover_review"), "handover", ["review"], unique=False)
    op.create_index(op.f("ix_handover_given_to"), "handover", ["given_to"], unique=False)
