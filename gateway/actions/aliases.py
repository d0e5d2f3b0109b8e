"""The aliases that people confirmed, as the database holds them; every version, also those reversed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select

from gateway.normalise.aliases import Aliases
from gateway.records.matching import ConfirmedAlias
from gateway.store.database import Database
from gateway.store.tables import AliasVersion

_TABLE = AliasVersion.__table__  # type: ignore[attr-defined]


def standing_aliases(database: Database) -> Aliases:
    """What is honoured today."""
    with database.read() as connection:
        rows = connection.execute(select(_TABLE).where(_TABLE.c.standing.is_(True))).all()
    return Aliases.of(map(as_alias, rows))


def list_aliases(database: Database) -> tuple[ConfirmedAlias, ...]:
    """Every version, by name, organisation and version."""
    order = (_TABLE.c.written, _TABLE.c.organisation, _TABLE.c.version)
    with database.read() as connection:
        return tuple(map(as_alias, connection.execute(select(_TABLE).order_by(*order))))


def versions_of(connection: Connection, written: str, organisation: str | None) -> tuple[ConfirmedAlias, ...]:
    """All versions for one name and scope, oldest first, locked against other writers."""
    query = select(_TABLE).where(_TABLE.c.written == written, _TABLE.c.organisation == (organisation or ""))
    return tuple(map(as_alias, connection.execute(query.order_by(_TABLE.c.version).with_for_update())))


def as_alias(row: Row[Any]) -> ConfirmedAlias:
    return ConfirmedAlias(
        id=row.id,
        written=row.written,
        read_as=row.read_as,
        ingredients=tuple(json.loads(row.ingredients)),
        organisation=row.organisation or None,
        version=row.version,
        by=row.actor,
        role=row.role,
        at=row.at,
        reason=row.reason,
        standing=row.standing,
        reversed_by=row.reversed_by,
        reversed_role=row.reversed_role,
        reversed_at=row.reversed_at,
        reversed_reason=row.reversed_reason,
    )
