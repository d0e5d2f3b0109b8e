"""Bring a database to the newest schema; a step that fails leaves the one before it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

FOLDER = Path(__file__).parent / "migrations"


def migrate(engine: Engine) -> None:
    """Run every step that the database has not seen, all in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    with engine.connect() as connection:
        connection = connection.execution_options(gateway_write=True)
        with connection.begin():
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
