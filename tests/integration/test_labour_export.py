"""The export for research says nothing of who or of what was typed, and is in the form that the standards ask for."""

from __future__ import annotations

import csv
import json
import sqlite3
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.labour.month import Month
from gateway.actions.labour_export import Form, export_labour
from gateway.errors import InputError, SettingsError
from gateway.records.ledger import Act
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import Database

SETTINGS = Settings(secret_key=("a-key-for-tests-only",))
MARKERS = ("zzaccount", "zzsubject", "zztyped", "zzpayload")


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))


@pytest.fixture
def filled(database: Database) -> Database:
    marked = Act(
        kind="review.reopened", subject="zzsubject", actor="zzaccount", role="pharmacist", reason="zztyped",
        payload={"why": "zzpayload"},
    )  # fmt: skip
    typed = Act(kind="alias.confirmed", subject="zzsubject", actor="zzaccount", role="pharmacist", reason="zztyped")
    with database.write() as connection:
        ledger.append_dated(connection, Month(3, reviews=10, cases=5).acts)
        ledger.append(connection, [marked, typed], "2026-11-26T10:00:00+00:00")
    return database


@pytest.mark.parametrize("form", ["ocel-json", "ocel-sqlite", "xes", "csv"])
def test_nothing_of_who_or_of_what_was_typed_leaves(filled: Database, tmp_path: Path, form: Form) -> None:
    out = tmp_path / "export"
    written = export_labour(filled, SETTINGS, form=form, out=out, people=True)
    assert written > 200
    content = out.read_bytes()
    assert not [marker for marker in MARKERS if marker.encode() in content]
    dictionary = (tmp_path / "export.dictionary.csv").read_text()
    assert "(left out)" in dictionary


def test_every_event_is_in_every_form(filled: Database, tmp_path: Path) -> None:
    written = export_labour(filled, SETTINGS, form="ocel-json", out=tmp_path / "a")
    document = json.loads((tmp_path / "a").read_bytes())
    assert len(document["events"]) == written
    things = {one["id"] for one in document["objects"]}
    assert {r["objectId"] for e in document["events"] for r in e["relationships"]} == things
    assert {e["type"] for e in document["events"]} == {t["name"] for t in document["eventTypes"]}

    export_labour(filled, SETTINGS, form="ocel-sqlite", out=tmp_path / "b")
    connection = sqlite3.connect(tmp_path / "b")
    assert connection.execute("SELECT count(*) FROM event").fetchone() == (written,)
    for kind, name in connection.execute("SELECT * FROM event_map_type").fetchall():
        expected = connection.execute("SELECT count(*) FROM event WHERE ocel_type = ?", (kind,)).fetchone()
        assert connection.execute(f"SELECT count(*) FROM event_{name}").fetchone() == expected
    connection.close()

    export_labour(filled, SETTINGS, form="csv", out=tmp_path / "c")
    rows = table(tmp_path / "c")
    assert len(rows) == written
    assert set(rows[0]) == {r["column"] for r in table(tmp_path / "c.dictionary.csv")} - {"(left out)"}

    export_labour(filled, SETTINGS, form="xes", out=tmp_path / "d")
    log = ElementTree.parse(tmp_path / "d").getroot()
    space = "{http://www.xes-standard.org/}"
    with_case = [e for e in document["events"] if any(r["qualifier"] in ("case", "review") for r in e["relationships"])]
    assert len(log.findall(f"{space}trace/{space}event")) == len(with_case)


def test_people_are_told_apart_only_where_asked_for(filled: Database, tmp_path: Path) -> None:
    export_labour(filled, SETTINGS, form="csv", out=tmp_path / "without")
    export_labour(filled, SETTINGS, form="csv", out=tmp_path / "with", people=True)
    other = Settings(secret_key=("another key for tests",))
    export_labour(filled, other, form="csv", out=tmp_path / "other", people=True)

    def resources(name: str) -> set[str]:
        return {row["resource"] for row in table(tmp_path / name)}

    assert resources("without") == {""}
    assert len(resources("with")) > 5
    assert not (resources("with") & resources("other")) - {""}


def test_an_export_writes_over_nothing_and_needs_a_key(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("mine")
    with pytest.raises(InputError, match="is there already"):
        export_labour(filled, SETTINGS, form="csv", out=tmp_path / "there")
    assert (tmp_path / "there").read_text() == "mine"
    with pytest.raises(SettingsError, match="GATEWAY_SECRET_KEY"):
        export_labour(filled, Settings(), form="csv", out=tmp_path / "new")
