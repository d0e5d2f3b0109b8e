"""Open a database, bring its tables up to date, and hand out transactions.

SQLite: write-ahead log, synchronous=FULL (an acknowledged decision has reached the disk), every write begins IMMEDIATE
so that two writers wait for each other instead of failing. PostgreSQL: the same through its own locks. What stands in a
row is in no log of a statement and in no text of an error.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError

from gateway.errors import SettingsError
from gateway.store.migrate import migrate


class Database:
    """One engine; `read()` and `write()` give a connection inside a transaction."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.is_sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def read(self) -> Iterator[Connection]:
        with self.engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction, committed once at the end, or not at all."""
        with self.engine.connect() as connection:
            connection = connection.execution_options(gateway_write=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open `sqlite:///FILE` or `postgresql+psycopg://...`. Raises SettingsError for a URL that names neither."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SettingsError("GATEWAY_DATABASE_URL is no database URL") from None
    if parsed.get_backend_name() == "postgresql":
        parsed = parsed.set(drivername="postgresql+psycopg")
        engine = create_engine(parsed, pool_pre_ping=True, hide_parameters=True)
    elif parsed.get_backend_name() == "sqlite":
        engine = create_engine(parsed, connect_args={"timeout": 30}, hide_parameters=True)
        _prepare_sqlite(engine)
    else:
        raise SettingsError("GATEWAY_DATABASE_URL: only sqlite and postgresql are supported")
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_without_rows)
    migrate(engine)
    return Database(engine)


def _without_rows(record: logging.LogRecord) -> bool:
    """At its most talkative SQLAlchemy logs every row it reads; `hide_parameters` hides only what is written."""
    return not str(record.msg).startswith("Row ")


def _prepare_sqlite(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def configure(raw: Any, _record: Any) -> None:
        # The driver's own transactions hide BEGIN from us; we begin explicitly, also around schema changes.
        raw.isolation_level = None
        cursor = raw.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("gateway_write")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
