"""Nothing of a patient stands in any log, whatever a source does wrong: markers planted, all logging captured."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from gateway.actions.fetch_patient import fetch_patient
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.record_fetch import known_patient
from gateway.actions.register_source import register_source
from gateway.errors import GatewayError
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.database import Database, open_database
from gateway.store.tables import Patient
from tests.integration import fault_server
from tests.integration.fault_server import FAULTS, NHS, OTHER_NHS, FaultServer

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
#: As the fault server plants them: numbers (also in outcomes and links), name, birth date, medicines, a page's text.
MARKERS = (NHS, OTHER_NHS, "testcase", "1950-01-01", "bisoprolol", "ramipril", "omeprazole", "please sign in")
#: These only cost their deadline once more.
SLOW = {"silence", "trickled-body", "trickled-head", "fresh-pages"}
SEVERAL = sorted(set(FAULTS) - SLOW)


class _Kept(logging.Handler):
    """Every record of every logger, formatted as a site would write it, with its traceback."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r} {record.__dict__.get('extra')!r}")


@contextlib.contextmanager
def everything_logged() -> Iterator[list[str]]:
    """All loggers at DEBUG, also those that the gateway keeps silent (httpx logs whole addresses)."""
    root = logging.getLogger()
    named = [one for one in root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    before = [(one, one.level, one.disabled, one.propagate) for one in (root, *named)]
    kept = _Kept()
    root.addHandler(kept)
    for one, *_ in before:
        one.setLevel(logging.DEBUG)
        one.disabled, one.propagate = False, True
    try:
        yield kept.lines
    finally:
        root.removeHandler(kept)
        for one, level, disabled, propagate in before:
            one.setLevel(level)
            one.disabled, one.propagate = disabled, propagate


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def fetch(folder: Path, knowledge: Knowledge, faults: Sequence[str]) -> tuple[list[str], str, FaultServer]:
    """The log of one fetch of all these sources at once into a real database, and what it came to."""

    async def run() -> tuple[str, FaultServer]:
        database = open_database(f"sqlite:///{folder / 'gateway.sqlite3'}")
        settings = Settings(allowed_networks=("127.0.0.0/8",))
        async with FaultServer() as server, Connections(settings) as connections:
            for fault in faults:
                register_source(
                    database,
                    now=NOW,
                    name=fault,
                    organisation=f"Organisation {fault}",
                    kind="hospital",
                    base_url=server.url(fault),
                    dialect="uk-core-r4",
                    fhir_version="4.0",
                    deadline_s=8.0,
                )
            try:
                said = await fetch_patient(database, settings, knowledge, connections, nhs_number=NHS, now=lambda: NOW)
            except GatewayError as error:
                said = error.words
            finally:
                database.close()
        return said, server

    with everything_logged() as lines:
        said, server = asyncio.run(run(), debug=True)
    return lines, said, server


def marked(texts: Sequence[str]) -> list[str]:
    return [text for text in texts if any(marker in text.lower() for marker in MARKERS)]


def test_a_fetch_from_sources_with_every_fault_logs_nothing_of_the_patient(
    tmp_path: Path, knowledge: Knowledge
) -> None:
    lines, said, server = fetch(tmp_path, knowledge, SEVERAL)
    assert {asked[0] for asked in server.asked} == set(SEVERAL)
    # The number did go out, in an address too, so that there was something to log.
    assert [head for head in server.heads if NHS in head]
    assert {line.split()[0].split(".")[0] for line in lines} >= {"gateway", "sqlalchemy", "asyncio"}
    assert marked(lines) == []
    assert marked([said]) == []


@pytest.mark.parametrize("faults", [["other-patient"], ["outcome", "html"], ["patient-404"]])
def test_the_words_of_a_fetch_that_gave_no_list_name_nobody(
    faults: list[str], tmp_path: Path, knowledge: Knowledge
) -> None:
    lines, said, _ = fetch(tmp_path, knowledge, faults)
    assert said.startswith("No list was received")
    assert marked([*lines, said]) == []


def test_the_text_of_a_database_error_holds_no_row(tmp_path: Path) -> None:
    database: Database = open_database(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    patient = known_patient(database, nhs_number=NHS, name="Faulty Testcase", birth_date="1950-01-01")
    row = {"id": patient, "nhs_number": OTHER_NHS, "name": "Faulty Testcase", "birth_date": "1950-01-01"}
    table = Patient.__table__  # type: ignore[attr-defined]
    with pytest.raises(IntegrityError) as error, database.write() as connection:
        connection.execute(insert(table), [row])
    database.close()
    assert marked([str(error.value), repr(error.value)]) == []


def test_the_markers_are_what_the_server_sends() -> None:
    """Else the tests above would look for nothing."""
    sent = str([fault_server.patient(), *(fault_server.statement(n) for n in range(3)), fault_server.outcome("x")])
    assert {marker for marker in MARKERS if marker in sent.lower()} == set(MARKERS) - {OTHER_NHS, "please sign in"}
