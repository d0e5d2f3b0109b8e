"""OCEL 2.0 (object-centric event log) as a SQLite file of its own; written from the standard (ocel-standard.org)."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence
from pathlib import Path

from gateway.labour.event_log import Event
from gateway.labour.ocel import ATTRIBUTES, thing_id

_TABLES = (
    "CREATE TABLE event (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)",
    "CREATE TABLE object (ocel_id TEXT PRIMARY KEY, ocel_type TEXT)",
    "CREATE TABLE event_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)",
    "CREATE TABLE object_map_type (ocel_type TEXT PRIMARY KEY, ocel_type_map TEXT)",
    "CREATE TABLE event_object (ocel_event_id TEXT, ocel_object_id TEXT, ocel_qualifier TEXT)",
    "CREATE TABLE object_object (ocel_source_id TEXT, ocel_target_id TEXT, ocel_qualifier TEXT)",
)


def write_ocel_sqlite(path: Path, found: Sequence[Event]) -> None:
    """Raises FileExistsError: an export never writes into a file that is there."""
    if path.exists():
        raise FileExistsError(path)
    columns = ", ".join(f"{name} {'REAL' if kind == 'float' else 'TEXT'}" for name, kind in ATTRIBUTES.items())
    things = sorted({thing for one in found for thing in one.things})
    activities = {name: _table(name) for name in sorted({one.activity for one in found})}
    kinds = {name: _table(name) for name in sorted({kind for kind, _ in things})}
    first = min((one.at for one in found), default="1970-01-01T00:00:00+00:00")
    connection = sqlite3.connect(path)
    with connection:
        for statement in _TABLES:
            connection.execute(statement)
        for table in activities.values():
            connection.execute(f"CREATE TABLE event_{table} (ocel_id TEXT PRIMARY KEY, ocel_time TEXT, {columns})")
        for table in kinds.values():
            connection.execute(f"CREATE TABLE object_{table} (ocel_id TEXT, ocel_time TEXT, ocel_changed_field TEXT)")
        connection.executemany("INSERT INTO event_map_type VALUES (?, ?)", activities.items())
        connection.executemany("INSERT INTO object_map_type VALUES (?, ?)", kinds.items())
        for kind, name in things:
            connection.execute("INSERT INTO object VALUES (?, ?)", (thing_id(kind, name), kind))
            connection.execute(
                f"INSERT INTO object_{kinds[kind]} VALUES (?, ?, NULL)",  # noqa: S608  # a name made by _table
                (thing_id(kind, name), first),
            )
        places = ", ".join("?" * (2 + len(ATTRIBUTES)))
        for one in found:
            connection.execute("INSERT INTO event VALUES (?, ?)", (one.id, one.activity))
            values = [getattr(one, name) or None for name in ATTRIBUTES]
            connection.execute(
                f"INSERT INTO event_{activities[one.activity]} VALUES ({places})",  # noqa: S608  # likewise
                (one.id, one.at, *values),
            )
            connection.executemany(
                "INSERT INTO event_object VALUES (?, ?, ?)",
                [(one.id, thing_id(kind, name), kind) for kind, name in one.things],
            )
    connection.close()


def _table(name: str) -> str:
    """A type's name as a part of a table's: letters and digits only."""
    return "".join(part.capitalize() for part in re.split(r"[^A-Za-z0-9]+", name))
