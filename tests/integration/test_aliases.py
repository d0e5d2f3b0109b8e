"""Aliases that a pharmacist confirms: scoped, versioned, reversible, in the ledger, never a way to join medicines."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.aliases import list_aliases, standing_aliases
from gateway.actions.confirm_alias import confirm_alias
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.reverse_alias import reverse_alias
from gateway.errors import Conflict, InputError, NotAllowed, NotFound
from gateway.fhir.read import read_list
from gateway.records.matching import ConfirmedAlias, Row
from gateway.store import ledger
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement
from tests.integration.cli import gateway

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
WRITTEN = "Bloggs' heart pill 5mg"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def person(database: Database, role: str) -> Person:
    return create_account(database, name=role, display_name=role, role=role, password=PASSWORD, now=NOW)


@pytest.fixture
def pharmacist(database: Database) -> Person:
    return person(database, "pharmacist")


def rows(
    database: Database, knowledge: Knowledge, unread: str = WRITTEN, known: str = "Apixaban 5mg tablets"
) -> tuple[Row, ...]:
    gp = bundle(patient(), statement("1", known, dose="one twice a day"))
    ward = bundle(patient(), statement("1", unread, dose="one twice a day"))
    lists = [read_list("gp", [document(gp)]), read_list("ward", [document(ward)])]
    return reconcile(lists, knowledge, NOW.date(), aliases=standing_aliases(database)).rows


def confirm(database: Database, knowledge: Knowledge, by: Person, **changed: str | None) -> ConfirmedAlias:
    given = {"written": WRITTEN, "read_as": "Apixaban 5mg tablets", "organisation": None, "reason": "asked the ward"}
    return confirm_alias(database, knowledge.vocabulary, by=by, now=NOW, **(given | changed))  # type: ignore[arg-type]


def test_a_confirmed_name_joins_its_medicine_and_says_who_and_when(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    assert len(rows(database, knowledge)) == 2
    confirm(database, knowledge, pharmacist)
    (row,) = rows(database, knowledge)
    assert row.level.value == "confirmed"
    assert row.ingredients == ("apixaban",)
    assert row.reasons == ('"bloggs heart pill 5mg" confirmed as Apixaban 5mg tablets by a pharmacist on 2026-11-24',)


def test_a_reversed_alias_teaches_nothing_and_stays_in_the_history(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    made = confirm(database, knowledge, pharmacist)
    gone = reverse_alias(database, alias=made.id, reason="it was bisoprolol", by=pharmacist, now=NOW)
    assert not gone.standing
    assert len(rows(database, knowledge)) == 2
    assert [(a.version, a.standing, a.reversed_reason) for a in list_aliases(database)] == [
        (1, False, "it was bisoprolol")
    ]
    with pytest.raises(Conflict):
        reverse_alias(database, alias=made.id, reason="again", by=pharmacist, now=NOW)
    with pytest.raises(NotFound):
        reverse_alias(database, alias="nobody", reason="again", by=pharmacist, now=NOW)


def test_confirming_again_is_a_new_version_and_the_old_one_is_kept(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    first = confirm(database, knowledge, pharmacist)
    second = confirm(database, knowledge, pharmacist, read_as="Bisoprolol 5mg tablets")
    assert [(a.version, a.standing) for a in list_aliases(database)] == [(1, False), (2, True)]
    assert len(rows(database, knowledge)) == 2
    assert len(rows(database, knowledge, known="Bisoprolol 5mg tablets")) == 1
    with pytest.raises(Conflict):
        reverse_alias(database, alias=first.id, reason="late", by=pharmacist, now=NOW)
    reverse_alias(database, alias=second.id, reason="wrong", by=pharmacist, now=NOW)
    assert confirm(database, knowledge, pharmacist).version == 3


def test_an_alias_of_one_organisation_holds_on_its_list_alone(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    confirm(database, knowledge, pharmacist, organisation="clinic")
    assert len(rows(database, knowledge)) == 2
    confirm(database, knowledge, pharmacist, organisation="ward")
    (row,) = rows(database, knowledge)
    assert row.reasons[0].endswith("for ward")


def test_an_organisations_own_alias_comes_before_the_one_for_all(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    confirm(database, knowledge, pharmacist, read_as="Bisoprolol 5mg tablets")
    confirm(database, knowledge, pharmacist, organisation="ward")
    assert len(rows(database, knowledge)) == 1


REFUSED = [
    ("Hydroxyzine 25mg tablets", "Hydralazine 25mg tablets", Conflict, "two different medicines stay two rows"),
    ("Amlodopine 5mg tablets", "Amiloride 5mg tablets", Conflict, "two different medicines stay two rows"),
    ("Eliquis 5mg tablets", "Apixaban 5mg tablets", Conflict, "nothing to teach"),
    (WRITTEN, "Foomycin 5mg tablets", InputError, "one that the gateway reads itself"),
    (WRITTEN, "Amlodopine 5mg tablets", InputError, "spelt right"),
    ("Eliquis (ramipril) 5mg tablets", "Ramipril 5mg tablets", Conflict, "names eliquis, which is apixaban"),
    ("Foomycin with amlodipine 5mg", "Amiloride 5mg tablets", Conflict, "names amlodipine"),
    (" ? ", "Ramipril 5mg tablets", InputError, "letters or digits"),
]


@pytest.mark.parametrize(("written", "read_as", "error", "words"), REFUSED)
def test_a_person_cannot_join_two_known_medicines_nor_teach_nonsense(
    database: Database,
    knowledge: Knowledge,
    pharmacist: Person,
    written: str,
    read_as: str,
    error: type[Exception],
    words: str,
) -> None:
    with pytest.raises(error, match=words):
        confirm(database, knowledge, pharmacist, written=written, read_as=read_as)
    assert list_aliases(database) == ()


def test_only_a_pharmacist_confirms_or_reverses_and_never_without_a_reason(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    made = confirm(database, knowledge, pharmacist)
    clerk = person(database, "audit-clerk")
    with pytest.raises(NotAllowed):
        confirm(database, knowledge, clerk)
    with pytest.raises(NotAllowed):
        reverse_alias(database, alias=made.id, reason="no", by=clerk, now=NOW)
    with pytest.raises(InputError):
        confirm(database, knowledge, pharmacist, reason=" ")
    with pytest.raises(InputError):
        reverse_alias(database, alias=made.id, reason="", by=pharmacist, now=NOW)


def test_each_act_stands_in_the_ledger_without_the_name_that_was_written(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    made = confirm(database, knowledge, pharmacist)
    reverse_alias(database, alias=made.id, reason="mistaken", by=pharmacist, now=NOW)
    with database.read() as connection:
        acts = [one.act for one in ledger.entries(connection, made.id)]
        assert ledger.verify(connection) == ()
    assert [(a.kind, a.role, a.reason) for a in acts] == [
        ("alias.confirmed", "pharmacist", "asked the ward"),
        ("alias.reversed", "pharmacist", "mistaken"),
    ]
    assert acts[0].payload["ingredients"] == ["apixaban"]
    assert "bloggs" not in str(acts)


def test_an_alias_and_its_ledger_row_are_written_together_or_not_at_all(
    database: Database, knowledge: Knowledge, pharmacist: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stops(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(ledger, "append", stops)
    with pytest.raises(OSError, match="disk"):
        confirm(database, knowledge, pharmacist)
    assert list_aliases(database) == ()


def test_the_command_adds_lists_and_reverses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.integration import cli

    plain = cli.environment()
    url = f"sqlite:///{tmp_path / 'alias.sqlite3'}"
    monkeypatch.setattr(cli, "environment", lambda: plain | {"GATEWAY_DATABASE_URL": url})
    assert gateway("user", "add", "pat", "--role", "pharmacist", "--password", PASSWORD).status == 0
    added = gateway("alias", "add", WRITTEN, "Apixaban 5mg tablets", "--by", "pat", "--reason", "asked the ward")
    assert added.status == 0, added.err
    (line,) = gateway("alias", "list").out.decode().splitlines()
    made = line.split("\t")
    assert made[1:6] == ["stands", "everywhere", "v1", "bloggs heart pill 5mg", "Apixaban 5mg tablets"]
    record = tmp_path / "ward.json"
    record.write_bytes(document(bundle(patient(), statement("1", WRITTEN, dose="one daily"))).content)
    call = ("reconcile", f"ward={record}", "--format", "json", "--at", "2026-11-24")
    assert gateway(*call).json()["entries"][0]["product"]["ingredients"] == []
    assert gateway(*call, "--aliases").json()["entries"][0]["product"]["ingredients"] == ["apixaban"]
    assert gateway("alias", "reverse", made[0], "--by", "pat", "--reason", "mistaken").status == 0
    assert gateway(*call, "--aliases").json()["entries"][0]["product"]["ingredients"] == []


def test_a_database_of_before_gets_the_table(tmp_path: Path) -> None:
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
        command.upgrade(config, "0003")
    engine.dispose()
    opened = open_database(f"sqlite:///{path}")
    assert list_aliases(opened) == ()
    opened.close()
