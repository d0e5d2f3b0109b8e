"""Reviews: which one a review follows, and how much the lists changed between the two."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("review", sa.Column("follows", sa.String(), nullable=True))
    op.add_column("review", sa.Column("changed", sa.Integer(), nullable=False, server_default="0"))
