"""Bring a database to the newest schema; a step that fails leaves the one before it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, text

FOLDER = Path(__file__).parent / "migrations"

#: Any number that nothing else in this database locks.
_LOCK = 6_373_301


def migrate(engine: Engine) -> None:
    """Run every step that the database has not seen, all in one transaction.

    Several gateways may start on one empty database: they wait for each other. SQLite's writers do so by themselves.
    """
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine.connect() as connection:
        connection = connection.execution_options(gateway_write=True)
        with connection.begin():
            if engine.dialect.name == "postgresql":
                # Two that create the same table at once do not wait: the second one fails.
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
