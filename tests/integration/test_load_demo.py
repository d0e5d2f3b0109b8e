"""`gateway load-demo` as docker compose runs it: two FHIR servers over HTTP, a database, the environment."""

from __future__ import annotations

import datetime as dt
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.actions.access import ROLES, Person
from gateway.actions.accounts import list_accounts
from gateway.actions.register_source import register_source, registered_sources
from gateway.actions.sign_in import session_of, sign_in
from gateway.actions.sources_page import sources_page
from gateway.actions.worklist import worklist
from gateway.demo.stories import load_stories
from gateway.settings import Settings
from gateway.store.database import Database, open_database
from tests.conftest import ROOT
from tests.integration.fhir_server import FhirServer, running

PASSWORD = "long enough, not secret"
Servers = tuple[FhirServer, FhirServer]


@pytest.fixture
def servers() -> Iterator[Servers]:
    # Each try of the transport is three calls, so the hospital is still starting when it is asked first.
    with running(FhirServer(starting=3)) as hospital, running(FhirServer()) as pharmacy:
        yield hospital, pharmacy


def load(
    folder: Path, hospital: str, pharmacy: str, *, password: str | None = PASSWORD, networks: str = "127.0.0.0/8",
    wait: str = "20",
) -> subprocess.CompletedProcess[str]:  # fmt: skip
    environment = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")} | {
        "PYTHONPATH": str(ROOT),
        "GATEWAY_DATABASE_URL": f"sqlite:///{folder / 'gateway.sqlite3'}",
        "GATEWAY_ALLOWED_NETWORKS": networks,
        "GATEWAY_CACHE_DIR": str(folder),
    }
    if password is not None:
        environment["DEMO_PASSWORD"] = password
    call = [
        sys.executable,
        "-m",
        "gateway",
        "load-demo",
        "--hospital",
        hospital,
        "--pharmacy",
        pharmacy,
        "--wait",
        wait,
    ]
    return subprocess.run(call, env=environment, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'gateway.sqlite3'}")
    yield opened
    opened.close()


def pharmacist(database: Database) -> Person:
    return next(one for one in list_accounts(database) if one.role == "pharmacist")


def signed_in_role(database: Database, name: str) -> str:
    settings, now = Settings(), dt.datetime.now(dt.UTC)
    token = sign_in(database, settings, name=name, password=PASSWORD, now=now)
    return session_of(database, settings, token=token, now=now).person.role


def test_two_empty_servers_become_a_worklist_to_sign_in_to(
    servers: Servers, tmp_path: Path, database: Database
) -> None:
    hospital, pharmacy = servers
    people = load_stories().patients
    done = load(tmp_path, hospital.base, pharmacy.base)
    assert done.returncode == 0, done.stderr
    assert "hospital: it reported an error of its own (503); waiting" in done.stdout
    assert f"reviews: {len(people)} opened" in done.stdout
    assert PASSWORD not in done.stdout + done.stderr

    assert hospital.transactions == pharmacy.transactions == len(people)
    asked = sum(place.startswith("MedicationRequest/") for place in hospital.held)
    handed = sum(place.startswith("MedicationDispense/") for place in pharmacy.held)
    assert (asked, handed) == (
        sum(len(one.hospital.medicines) for one in people),
        sum(len(one.pharmacy.medicines) for one in people),
    )

    assert {role: signed_in_role(database, role) for role in ROLES} == {role: role for role in ROLES}
    lines = worklist(database, by=pharmacist(database), now=dt.datetime.now(dt.UTC))
    assert {line.patient.nhs_number for line in lines} == {one.nhs_number for one in people}
    assert [line for line in lines if line.missing or line.lists != 2 or not line.medicines] == []
    assert {
        s.source.name: s.answers for s in sources_page(database, by=pharmacist(database), now=dt.datetime.now(dt.UTC))
    } == {
        "hospital": {"complete": len(people)},
        "pharmacy": {"complete": len(people)},
    }
    doris = next(line for line in lines if line.patient.nhs_number == "9990147213")
    assert (doris.patient.name, doris.patient.ward, doris.patient.bed) == (
        "Doris Hargreaves",
        "Ward 12 Cardiology",
        "C4",
    )
    # Six medicines of the hospital; the pharmacy's ibuprofen is a seventh.
    assert doris.medicines == 7


def test_loading_again_keeps_what_there_is(servers: Servers, tmp_path: Path, database: Database) -> None:
    hospital, pharmacy = servers
    assert load(tmp_path, hospital.base, pharmacy.base).returncode == 0
    held = set(hospital.held)
    again = load(tmp_path, hospital.base, pharmacy.base, password="another long password")
    assert again.returncode == 0, again.stderr
    assert "reviews: 0 opened" in again.stdout
    assert "account manager: there already, its password was not changed" in again.stdout
    assert set(hospital.held) == held
    assert signed_in_role(database, "manager") == "manager"
    assert len(list_accounts(database)) == len(load_stories().staff)
    assert len(registered_sources(database)) == 2


def test_a_source_of_the_same_name_elsewhere_is_left_alone(
    servers: Servers, tmp_path: Path, database: Database
) -> None:
    real = register_source(
        database, now=dt.datetime.now(dt.UTC), name="hospital", organisation="A real hospital", kind="hospital",
        base_url="https://fhir.hospital.example/r4", dialect="uk-core-r4", fhir_version="4.0",
    )  # fmt: skip
    hospital, pharmacy = servers
    done = load(tmp_path, hospital.base, pharmacy.base)
    assert (done.returncode, hospital.calls, pharmacy.calls) == (1, [], [])
    assert "a source named hospital is registered at another address; nothing was changed" in done.stderr
    assert registered_sources(database) == (real,)


@pytest.mark.parametrize("password", [None, "short"])
def test_without_a_password_nothing_happens(servers: Servers, tmp_path: Path, password: str | None) -> None:
    hospital, pharmacy = servers
    done = load(tmp_path, hospital.base, pharmacy.base, password=password)
    assert (done.returncode, hospital.calls, pharmacy.calls) == (2, [], [])
    assert done.stderr == "gateway: set DEMO_PASSWORD to a password of at least 12 characters\n"
    assert not (tmp_path / "gateway.sqlite3").exists()


def test_an_address_outside_the_allowed_networks_is_not_asked(servers: Servers, tmp_path: Path) -> None:
    hospital, pharmacy = servers
    done = load(tmp_path, hospital.base, pharmacy.base, networks="172.30.83.0/24", wait="600")
    assert (done.returncode, hospital.calls, pharmacy.calls) == (1, [], [])
    assert "not in GATEWAY_ALLOWED_NETWORKS" in done.stderr


def test_a_server_that_never_starts_ends_the_wait(tmp_path: Path) -> None:
    with running(FhirServer(starting=1000)) as hospital, running(FhirServer()) as pharmacy:
        done = load(tmp_path, hospital.base, pharmacy.base, wait="2")
        assert (done.returncode, hospital.transactions, pharmacy.transactions) == (1, 0, 0)
    assert "the time to wait for it is over" in done.stderr


def test_a_server_of_another_version_gets_nothing(tmp_path: Path) -> None:
    with running(FhirServer(fhir_version="3.0.2")) as hospital, running(FhirServer()) as pharmacy:
        done = load(tmp_path, hospital.base, pharmacy.base)
        assert (done.returncode, hospital.transactions) == (1, 0)
    assert "hospital: it says of itself that it is no FHIR R4 server" in done.stderr


def test_a_record_that_is_not_taken_whole_is_an_error(tmp_path: Path) -> None:
    with running(FhirServer()) as hospital, running(FhirServer(refuses="MedicationDispense")) as pharmacy:
        done = load(tmp_path, hospital.base, pharmacy.base)
    assert done.returncode == 1
    assert "pharmacy: the record of hargreaves: it did not accept the question (422)" in done.stderr
    assert pharmacy.held == {}


def test_one_server_cannot_be_both(tmp_path: Path) -> None:
    done = load(tmp_path, "http://127.0.0.1:9/fhir", "http://127.0.0.1:9/fhir/")
    assert done.returncode == 2
    assert "must be two servers" in done.stderr
