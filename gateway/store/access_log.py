"""The access log: who looked at which patient and who signed in, append-only and chained like the ledger."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, insert

from gateway.records.ledger import Broken
from gateway.store import chain
from gateway.store.tables import AccessEvent

_LOCK = 0x6D656461
_TABLE = AccessEvent.__table__  # type: ignore[attr-defined]
_COLUMNS = ("seq", "id", "at", "account", "role", "action", "patient", "allowed", "previous")


def note(
    connection: Connection, *, at: str, account: str, role: str, action: str, patient: str | None, allowed: bool
) -> None:
    """One row, in the caller's transaction."""
    chain.lock(connection, _LOCK)
    seq, previous = chain.last(connection, _TABLE)
    row: dict[str, Any] = {
        "seq": seq + 1,
        "id": secrets.token_urlsafe(9),
        "at": at,
        "account": account,
        "role": role,
        "action": action,
        "patient": patient,
        "allowed": allowed,
        "previous": previous,
    }
    connection.execute(insert(_TABLE), [row | {"hash": digest(row)}])


def digest(row: Mapping[str, Any]) -> str:
    return chain.digest([row[name] for name in _COLUMNS])


def head(connection: Connection) -> tuple[int, str]:
    """Number and hash of the last row; (0, sixty-four zeros) of an empty log."""
    return chain.last(connection, _TABLE)


def verify(connection: Connection, expected: tuple[int, str] | None = None) -> tuple[Broken, ...]:
    return chain.verify(connection, _TABLE, digest, expected)
