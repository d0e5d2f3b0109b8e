"""Register an organisation's endpoint, and list those that are registered."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gateway.actions.ids import new_id
from gateway.errors import Conflict
from gateway.store.database import Database
from gateway.store.tables import Source

_TABLE = Source.__table__  # type: ignore[attr-defined]


class RegisteredSource(Struct, frozen=True, kw_only=True):
    """`kind` is gp, hospital, community-pharmacy or other; `coverage` says what the source does not hold.

    `deadline_s` 0 takes GATEWAY_SOURCE_DEADLINE_S as it stands when the source is asked.
    """

    id: str
    name: str
    organisation: str
    kind: str
    base_url: str
    dialect: str
    fhir_version: str
    role: str | None = None
    ods_code: str | None = None
    coverage: str = ""
    deadline_s: float = 0.0


def register_source(database: Database, *, now: dt.datetime, **fields: object) -> RegisteredSource:
    """Raises Conflict where the name is taken."""
    source = RegisteredSource(id=new_id(), **fields)  # type: ignore[arg-type]
    row = {name: getattr(source, name) for name in source.__struct_fields__} | {"created_at": now.isoformat()}
    try:
        with database.write() as connection:
            connection.execute(insert(_TABLE), [row])
    except IntegrityError:
        raise Conflict(f"a source is already named {source.name}") from None
    return source


def registered_sources(database: Database) -> tuple[RegisteredSource, ...]:
    """By name."""
    with database.read() as connection:
        rows = connection.execute(select(_TABLE).order_by(_TABLE.c.name)).all()
    return tuple(RegisteredSource(**{f: getattr(row, f) for f in RegisteredSource.__struct_fields__}) for row in rows)
