"""How a case came into an audit, and why it was taken out; the MINAP pack covers the whole stay and has a new name."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("audit_case", sa.Column("entered_by", sa.String(), nullable=False, server_default="criteria"))
    op.add_column("audit_case", sa.Column("excluded_at", sa.String(), nullable=True))
    op.add_column("audit_case", sa.Column("excluded_by", sa.String(), nullable=True))
    op.add_column("audit_case", sa.Column("excluded_reason", sa.String(), nullable=True))
    op.execute("UPDATE audit_case SET pack = 'minap' WHERE pack = 'minap-discharge'")
