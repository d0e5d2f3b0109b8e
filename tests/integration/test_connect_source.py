"""Connecting an organisation: a draft, its sign-in, a test with figures, then active; secrets stay secret."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet

from gateway.actions.access import Person
from gateway.actions.check_source import SourceReport, check_source, reports_of
from gateway.actions.reconcile import load_knowledge
from gateway.actions.register_source import (
    as_system,
    change_source,
    register_source,
    registered_sources,
    rotate_secrets,
    source_of,
)
from gateway.actions.sources_page import sources_page
from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital
from gateway.demo.stories import load_stories
from gateway.errors import Conflict, InputError, NotAllowed, SettingsError
from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.credentials import Credentials, SignInKind
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.secrets import SecretBox, new_key
from tests.integration.cli import ROOT, environment
from tests.integration.sign_in_server import SignInServer, serving

NOW = dt.datetime(2026, 11, 26, 9, 30, tzinfo=dt.UTC)
TOKEN = "handed-out-token-4711"
INTEGRATOR = Person(account="i1", name="integrator", display_name="I", role="integrator")
PHARMACIST = Person(account="p1", name="pharmacist", display_name="P", role="pharmacist")

FIELDS: dict[str, Any] = {
    "name": "ward",
    "organisation": "St Example",
    "kind": "hospital",
    "base_url": "https://fhir.example.nhs.uk/r4",
    "dialect": "uk-core-r4",
    "fhir_version": "",
}


@pytest.fixture
def box() -> SecretBox:
    return SecretBox((new_key(),))


def add(database: Database, box: SecretBox, **more: object) -> str:
    held = Credentials(kind=SignInKind.BEARER, bearer=TOKEN)
    return register_source(database, now=NOW, by=INTEGRATOR, box=box, credentials=held, **{**FIELDS, **more}).id


def test_a_secret_lies_encrypted_and_stands_in_no_ledger_row_and_no_repr(database: Database, box: SecretBox) -> None:
    source = add(database, box)
    found = source_of(database, source)
    assert TOKEN not in repr(found)
    assert TOKEN.encode() not in (found.sealed or b"")
    assert as_system(found, box).credentials == Credentials(kind=SignInKind.BEARER, bearer=TOKEN)
    with database.read() as connection:
        rows = list(ledger.entries(connection, source))
    assert [row.act.kind for row in rows] == ["source.registered"]
    assert TOKEN not in json.dumps([row.act.payload for row in rows])


def test_without_a_key_no_secret_is_kept(database: Database) -> None:
    with pytest.raises(SettingsError, match="GATEWAY_SECRET_KEY is not set"):
        add(database, SecretBox(()))
    assert registered_sources(database) == ()


def test_with_another_key_the_source_says_so_and_others_go_on(database: Database, box: SecretBox) -> None:
    source = add(database, box)
    system = as_system(source_of(database, source), SecretBox((new_key(),)))
    assert system.unusable
    assert "enter them again" in system.unusable


def test_a_key_is_replaced_by_a_new_one(database: Database) -> None:
    old, new = new_key(), new_key()
    source = add(database, SecretBox((old,)))
    assert rotate_secrets(database, SecretBox((new, old)), NOW) == (1, ())
    assert as_system(source_of(database, source), SecretBox((new,))).credentials
    assert as_system(source_of(database, source), SecretBox((old,))).unusable


def test_a_secret_belongs_to_the_address_it_was_entered_for(database: Database, box: SecretBox) -> None:
    source = add(database, box)
    same = change_source(
        database, source=source, fields={"base_url": "https://fhir.example.nhs.uk/r4b"}, now=NOW, box=box
    )
    assert same.sealed
    for url in ("https://evil.example/r4", "http://fhir.example.nhs.uk/r4", "https://fhir.example.nhs.uk:8443/r4"):
        elsewhere = change_source(database, source=source, fields={"base_url": url}, now=NOW, box=box)
        assert (elsewhere.sealed, elsewhere.public) == (None, {})
        change_source(
            database, source=source, fields={"base_url": FIELDS["base_url"]}, now=NOW, box=box,
            credentials=Credentials(kind=SignInKind.BEARER, bearer=TOKEN),
        )  # fmt: skip


WRONG = [
    ({"base_url": "ftp://fhir.example/r4"}, "must begin with https"),
    ({"base_url": "https://good@evil.example/"}, "must not hold a user name"),
    ({"name": "Ward 1"}, "lower-case letters"),
    ({"kind": "clinic"}, "the kind must be one of"),
    ({"dialect": "hl7v2"}, "the dialect must be one of"),
    ({"role": "boss"}, "the role must be one of"),
    ({"organisation": " "}, "needs its name"),
]


@pytest.mark.parametrize(("more", "words"), WRONG, ids=[w for _, w in WRONG])
def test_what_cannot_be_used_is_refused_and_named(
    database: Database, box: SecretBox, more: dict[str, str], words: str
) -> None:
    with pytest.raises(InputError, match=words):
        add(database, box, **more)
    assert registered_sources(database, "draft", "active", "retired") == ()


def test_names_are_taken_once_and_only_integrators_connect(database: Database, box: SecretBox) -> None:
    add(database, box)
    with pytest.raises(Conflict):
        add(database, box)
    with pytest.raises(NotAllowed):
        register_source(database, now=NOW, by=PHARMACIST, box=box, **{**FIELDS, "name": "other"})


def test_a_draft_or_retired_source_is_not_asked(database: Database, box: SecretBox) -> None:
    source = add(database, box, state="draft")
    assert registered_sources(database) == ()
    change_source(database, source=source, fields={"state": "active"}, now=NOW, by=INTEGRATOR, box=box)
    assert [one.name for one in registered_sources(database)] == ["ward"]
    change_source(database, source=source, fields={"state": "retired"}, now=NOW, by=INTEGRATOR, box=box)
    assert registered_sources(database) == ()
    with database.read() as connection:
        kinds = [row.act.kind for row in ledger.entries(connection, source)]
    assert kinds == ["source.registered", "source.changed", "source.retired"]


@pytest.fixture
def practice_and_ward() -> Iterator[dict[str, str]]:
    stories = load_stories()
    with served({"gp": gp_practice(stories, lambda: NOW), "hospital": hospital(stories, lambda: NOW)}) as addresses:
        yield addresses


def check(database: Database, source: str, nhs_number: str | None, **settings: object) -> SourceReport:
    given = Settings(allowed_networks=("127.0.0.0/8",), **settings)  # type: ignore[arg-type]
    return asyncio.run(
        check_source(
            database, given, load_knowledge(), source=source, nhs_number=nhs_number, now=lambda: NOW, by=INTEGRATOR
        )
    )


def test_a_test_patient_tells_how_much_is_understood(database: Database, practice_and_ward: dict[str, str]) -> None:
    patient = next(one for one in load_stories().patients if one.key == "hargreaves")
    register_source(database, now=NOW, **{**FIELDS, "base_url": practice_and_ward["hospital"]})
    register_source(
        database, now=NOW,
        **{**FIELDS, "name": "gp", "kind": "gp", "base_url": practice_and_ward["gp"], "dialect": "gp-connect-stu3"},
    )  # fmt: skip
    ward, gp = (check(database, name, patient.nhs_number) for name in ("ward", "gp"))
    assert ward.offer
    assert ward.offer.fhir_version == "4.0.1"
    assert "MedicationRequest" in ward.offer.searches
    for report, entries in ((ward, 6), (gp, 5)):
        assert report.good
        assert report.fetch
        assert (report.fetch.state, report.fetch.entries, report.fetch.names_read) == (
            ListState.COMPLETE,
            entries,
            entries,
        )
        assert report.fetch.received == report.fetch.entries + report.fetch.set_aside + sum(
            report.fetch.quarantined.values()
        )
        assert report.fetch.doses_read <= report.fetch.doses_written
    kept = reports_of(database, source_of(database, "ward").id)
    assert kept == (ward,)
    text = str(kept)
    assert patient.nhs_number not in text
    assert "Hargreaves" not in text


def test_a_source_that_is_not_there_is_a_report_in_words(database: Database) -> None:
    register_source(database, now=NOW, **{**FIELDS, "base_url": "http://127.0.0.1:9/fhir"})
    report = check(database, "ward", "9990000018")
    assert (report.offer, report.no_offer) == (None, "it could not be reached")
    assert report.fetch
    assert report.fetch.state is ListState.FAILED
    assert not report.good


def test_an_address_inside_the_house_is_not_asked_unless_the_site_allows_it(database: Database) -> None:
    register_source(database, now=NOW, **{**FIELDS, "base_url": "http://127.0.0.1:9/fhir"})
    report = asyncio.run(
        check_source(database, Settings(), load_knowledge(), source="ward", nhs_number=None, now=lambda: NOW)
    )
    assert report.no_offer
    assert "not public" in report.no_offer


def test_health_in_words_counts_and_hours(database: Database, box: SecretBox) -> None:
    add(database, box)
    (line,) = sources_page(database, by=PHARMACIST, now=NOW, box=box)
    assert (line.health, line.answered_percent, line.median, len(line.hours)) == ("not-asked", None, None, 12)
    (lost,) = sources_page(database, by=PHARMACIST, now=NOW, box=SecretBox((new_key(),)))
    assert (lost.health, lost.words) == (
        "not-answering",
        "Its credentials cannot be read with GATEWAY_SECRET_KEY; enter them again.",
    )


def run(
    tmp_path: Path, *arguments: str, stdin: bytes = b"", more: dict[str, str] | None = None
) -> tuple[int, str, str]:
    given = environment() | {"GATEWAY_DATABASE_URL": f"sqlite:///{tmp_path / 'g.sqlite3'}"} | (more or {})
    call = [sys.executable, "-m", "gateway", *arguments]
    done = subprocess.run(call, input=stdin, capture_output=True, cwd=ROOT, env=given, timeout=60)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def test_the_command_connects_checks_and_removes_a_source_behind_a_sign_in(tmp_path: Path) -> None:
    key = {"GATEWAY_SECRET_KEY": new_key(), "GATEWAY_ALLOWED_NETWORKS": "127.0.0.0/8", "WARD_TOKEN": TOKEN}
    server = SignInServer()
    server.valid = {TOKEN}
    with serving(server):
        said = run(
            tmp_path, "source", "add", "ward", "--organisation", "St Example", "--kind", "hospital", "--url",
            f"{server.base}/fhir", "--dialect", "generic-r4", "--sign-in", "bearer", "--bearer-from", "WARD_TOKEN",
            more=key,
        )  # fmt: skip
        assert said[0] == 0, said
        status, out, err = run(tmp_path, "source", "check", "ward", "--patient", "-", stdin=b"9990000018\n", more=key)
    assert (status, err) == (0, "")
    assert "test list: complete" in out
    assert "1 received = 1 entries + 0 set aside + 0 not understood" in out
    assert "coded 0 of 1 (0 %), names understood 1 of 1 (100 %)" in out
    assert "9990000018" not in out
    assert TOKEN not in out
    assert run(tmp_path, "source", "list", more=key)[1].startswith("ward\tactive\thospital\tgeneric-r4\tbearer\t")
    assert run(tmp_path, "source", "remove", "ward", more=key)[:2] == (0, "ward: retired\n")
    content = (tmp_path / "g.sqlite3").read_bytes()
    assert TOKEN.encode() not in content


ADD = (
    *("source", "add", "w", "--organisation", "x", "--kind", "gp"),
    *("--url", "https://a.example", "--dialect", "generic-r4"),
)
MISUSED: list[tuple[tuple[str, ...], dict[str, str], int, str]] = [
    (("source", "check", "nobody"), {}, 1, "There is no such source"),
    (("secret", "rotate"), {}, 2, "GATEWAY_SECRET_KEY is not set"),
    (("source", "list"), {"GATEWAY_DATABASE_URL": "mysql://x"}, 2, "only sqlite and postgresql"),
    (("secret", "rotate"), {"GATEWAY_SECRET_KEY": "no-key"}, 2, "holds something that is no key"),
    (
        (*ADD, "--sign-in", "bearer", "--bearer-from", "NOT_SET"),
        {}, 2, "the environment variable NOT_SET holds no token",
    ),
    (
        (*ADD, "--sign-in", "magic"),
        {}, 2, "--sign-in is one of",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "more", "status", "words"), MISUSED, ids=[w for *_, w in MISUSED])
def test_what_goes_wrong_is_one_line(
    tmp_path: Path, arguments: tuple[str, ...], more: dict[str, str], status: int, words: str
) -> None:
    got, out, err = run(tmp_path, *arguments, more=more)
    assert (got, out) == (status, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_new_key_is_a_key(tmp_path: Path) -> None:
    status, out, _ = run(tmp_path, "secret", "new")
    assert status == 0
    assert Fernet(out.strip())


def test_a_database_of_before_gets_the_new_columns(tmp_path: Path) -> None:
    """Sources registered before sign-ins existed stay active and are asked as before."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import create_engine

    from gateway.store.database import open_database
    from gateway.store.migrate import FOLDER

    path = tmp_path / "old.sqlite3"
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection, connection.begin():
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
    engine.dispose()
    with sqlite3.connect(path) as raw:
        raw.execute(
            "INSERT INTO source (id, name, organisation, kind, base_url, dialect, fhir_version, coverage, deadline_s, "
            "created_at) VALUES ('s', 'gp', 'Practice', 'gp', 'https://gp.example', 'gp-connect-stu3', '3.0.1', '', 0, "
            "'2026-01-01')"
        )
    database = open_database(f"sqlite:///{path}")
    (one,) = registered_sources(database)
    database.close()
    assert (one.name, one.state, one.public, one.sealed) == ("gp", "active", {}, None)


def test_the_command_reconciles_a_patient_from_the_registered_organisations(
    tmp_path: Path, practice_and_ward: dict[str, str]
) -> None:
    patient = next(one for one in load_stories().patients if one.key == "hargreaves")
    more = {"GATEWAY_ALLOWED_NETWORKS": "127.0.0.0/8"}
    for name, kind, dialect in (("gp", "gp", "gp-connect-stu3"), ("hospital", "hospital", "uk-core-r4")):
        call = ("source", "add", name, "--organisation", name, "--kind", kind, "--url", practice_and_ward[name])
        assert run(tmp_path, *call, "--dialect", dialect, more=more)[0] == 0
    number = f"{patient.nhs_number}\n".encode()
    status, out, err = run(tmp_path, "reconcile", "--patient", "-", "--format", "json", stdin=number, more=more)
    assert status == 0, err
    found = json.loads(out)
    assert {one["name"]: one["state"] for one in found["lists"]} == {"gp": "complete", "hospital": "complete"}
    assert "dose-differs" in {one["rule"] for one in found["discrepancies"]}
    assert "hospital: 6 medicines received" in err
    assert patient.nhs_number not in err
    with sqlite3.connect(tmp_path / "g.sqlite3") as raw:
        assert raw.execute("SELECT count(*) FROM source_document").fetchone()[0] >= 2
        assert raw.execute("SELECT count(*) FROM review").fetchone() == (0,)
        assert raw.execute("SELECT account, action FROM access_event").fetchall() == [
            ("command-line", "patient.reconcile")
        ]
    down = run(tmp_path, "source", "add", "lost", *ADD[3:7], "--url", "http://127.0.0.1:9", *ADD[9:], more=more)
    assert down[0] == 0, down
    assert run(tmp_path, "reconcile", "--patient", "-", "--format", "json", stdin=number, more=more)[0] == 3


NUMBERS = [("9990000019", 1, "right check digit"), ("", 2, "name at least one list")]


@pytest.mark.parametrize(("number", "status", "words"), NUMBERS)
def test_a_number_that_cannot_be_one_asks_nobody(tmp_path: Path, number: str, status: int, words: str) -> None:
    got, out, err = run(tmp_path, "reconcile", "--patient", number)
    assert (got, out) == (status, "")
    assert words in err


MRN = "urn:oid:1.2.36.146.595.217.0.1"


def test_a_site_may_identify_patients_by_another_system(tmp_path: Path) -> None:
    """A record number with letters, no check digit; GP Connect, which knows NHS numbers only, says so."""
    server = SignInServer()
    server.valid, server.identifier = {TOKEN}, {"system": MRN, "value": "MRN-0042a"}
    more = {"GATEWAY_ALLOWED_NETWORKS": "127.0.0.0/8", "GATEWAY_IDENTIFIER_SYSTEM": MRN, "WARD_TOKEN": TOKEN}
    more["GATEWAY_SECRET_KEY"] = new_key()
    sign_in = ("--sign-in", "bearer", "--bearer-from", "WARD_TOKEN")
    with serving(server):
        url = f"{server.base}/fhir"
        for name, dialect in (("ward", "generic-r4"), ("gp", "gp-connect-stu3")):
            call = ("source", "add", name, "--organisation", name, "--kind", "hospital", "--url", url)
            assert run(tmp_path, *call, "--dialect", dialect, *sign_in, more=more)[0] == 0
        asking = ("reconcile", "--patient", "-", "--format", "json")
        status, out, err = run(tmp_path, *asking, stdin=b"MRN-0042a\n", more=more)
        states = {one["name"]: (one["state"], one["causes"]) for one in json.loads(out)["lists"]}
        assert (status, states["ward"]) == (3, ("complete", []))
        assert "GP Connect asks by NHS number only" in states["gp"][1][0]
        assert "MRN-0042a" not in err
        other = run(tmp_path, *asking, stdin=b"MRN-0043\n", more=more)
        assert "wrong-patient" in other[2]
        assert run(tmp_path, *asking, stdin=b"MRN|0042\n", more=more)[0] == 1
