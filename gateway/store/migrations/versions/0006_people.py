"""One-time passwords; staff group, band and idle threshold on each ledger row; the access log becomes a chain."""

from __future__ import annotations

import hashlib
import json

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("must_change", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("ledger", sa.Column("staff_group", sa.String(), nullable=True))
    op.add_column("ledger", sa.Column("band", sa.String(), nullable=True))
    op.add_column("ledger", sa.Column("idle_after_s", sa.Integer(), nullable=True))
    op.add_column("access_event", sa.Column("seq", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("access_event", sa.Column("previous", sa.String(), nullable=False, server_default=""))
    op.add_column("access_event", sa.Column("hash", sa.String(), nullable=False, server_default=""))
    _chain_what_is_there()
    op.create_index("ix_access_event_seq", "access_event", ["seq"], unique=True)
    _keep_append_only()


def _chain_what_is_there() -> None:
    """Rows from before are chained in the order of their times; what was done to them earlier, nobody can say."""
    connection, previous = op.get_bind(), "0" * 64
    query = "SELECT id, at, account, role, action, patient, allowed FROM access_event ORDER BY at, id"
    for seq, row in enumerate(connection.execute(sa.text(query)).all(), start=1):
        values = [seq, *row[:6], bool(row.allowed), previous]
        canonical = json.dumps(values, separators=(",", ":"), ensure_ascii=True)
        mine = hashlib.sha256(canonical.encode()).hexdigest()
        connection.execute(
            sa.text("UPDATE access_event SET seq = :seq, previous = :previous, hash = :hash WHERE id = :id"),
            {"seq": seq, "previous": previous, "hash": mine, "id": row.id},
        )
        previous = mine


def _keep_append_only() -> None:
    """Against accidents, as on the ledger."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION access_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'the access log is append-only'; END $$"
        )
        op.execute(
            "CREATE TRIGGER access_log_append_only BEFORE UPDATE OR DELETE ON access_event "
            "FOR EACH ROW EXECUTE FUNCTION access_log_is_append_only()"
        )
        return
    for what in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER access_log_no_{what.lower()} BEFORE {what} ON access_event "
            "BEGIN SELECT RAISE(ABORT, 'the access log is append-only'); END"
        )
