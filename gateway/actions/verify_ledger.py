"""Verify the ledger, or read its head for export."""

from __future__ import annotations

from gateway.records.ledger import Broken
from gateway.store import ledger
from gateway.store.database import Database


def verify_ledger(database: Database, expected: tuple[int, str] | None = None) -> tuple[tuple[Broken, ...], int]:
    """Every place where the chain does not hold, and the number of rows."""
    with database.read() as connection:
        return ledger.verify(connection, expected), ledger.head(connection)[0]


def ledger_head(database: Database) -> tuple[int, str]:
    """Number and hash of the last row."""
    with database.read() as connection:
        return ledger.head(connection)
