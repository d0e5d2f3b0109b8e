"""Accounts as their administrator changes them, passwords as people choose them, and what the access log says of it."""

from __future__ import annotations

import base64
import csv
import datetime as dt
import io
import json
from typing import Any

import pytest
from fhir.resources.R4B.auditevent import AuditEvent
from sqlalchemy import insert, text, update
from sqlalchemy.exc import DBAPIError

from gateway.actions.access import Person
from gateway.actions.access_log import look_around
from gateway.actions.accounts import account_lines, create_account
from gateway.actions.change_account import (
    disable_account,
    edit_account,
    enable_account,
    reset_password,
    unlock_account,
)
from gateway.actions.change_password import change_password
from gateway.actions.passwords import check_password, one_time_password
from gateway.actions.read_access_log import AccessFilter, as_csv, export_access_log, read_access_log, verify_access_log
from gateway.actions.sign_in import SessionOver, session_of, sign_in, sign_out
from gateway.errors import Conflict, InputError, NotAllowed, NotFound, NotSignedIn, UsageError
from gateway.fhir.audit_events import audit_event
from gateway.records.access import AccessLine
from gateway.records.ledger import Act
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import LedgerRow, Patient

NOW = dt.datetime(2026, 11, 26, 10, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
NUMBER = "9990147213"
SETTINGS = Settings()


def person(database: Database, name: str, role: str, **more: Any) -> Person:
    return create_account(database, name=name, display_name=name.title(), role=role, password=PASSWORD, now=NOW, **more)


@pytest.fixture
def admin(database: Database) -> Person:
    return person(database, "ada", "administrator")


@pytest.fixture
def pharmacist(database: Database) -> Person:
    return person(database, "pat", "pharmacist", staff_group="Healthcare Scientists", band="7")


def test_disabling_ends_the_sessions_and_enabling_lets_in_again(
    database: Database, admin: Person, pharmacist: Person
) -> None:
    token = sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    disable_account(database, account=pharmacist.account, by=admin, now=NOW)
    with pytest.raises(NotSignedIn):
        session_of(database, SETTINGS, token=token, now=NOW)
    with pytest.raises(NotSignedIn):
        sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    with pytest.raises(Conflict):
        disable_account(database, account=pharmacist.account, by=admin, now=NOW)
    enable_account(database, account=pharmacist.account, by=admin, now=NOW)
    sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    with pytest.raises(NotSignedIn):  # the old session does not come back
        session_of(database, SETTINGS, token=token, now=NOW)
    with database.read() as connection:
        acts = [(e.act.kind, e.act.actor) for e in ledger.entries(connection, pharmacist.account)]
    assert acts[1:] == [("user.disabled", admin.account), ("user.enabled", admin.account)]


def test_the_last_administrator_stays_one(database: Database, admin: Person) -> None:
    def demote(one: Person) -> None:
        edit_account(database, account=one.account, display_name="A", role="manager", staff_group=None, band=None,
                     by=admin, now=NOW)  # fmt: skip

    with pytest.raises(Conflict, match="last administrator"):
        disable_account(database, account=admin.account, by=admin, now=NOW)
    with pytest.raises(Conflict, match="last administrator"):
        disable_account(database, account=admin.account, by=None, now=NOW)
    with pytest.raises(Conflict, match="last administrator"):
        demote(admin)
    second = person(database, "bea", "administrator")
    disable_account(database, account=second.account, by=admin, now=NOW)
    with pytest.raises(Conflict, match="last administrator"):  # a disabled one does not count
        demote(admin)
    enable_account(database, account=second.account, by=admin, now=NOW)
    demote(admin)


def test_nobody_else_changes_accounts(database: Database, admin: Person, pharmacist: Person) -> None:
    for act in (disable_account, enable_account, unlock_account, reset_password):
        with pytest.raises(NotAllowed):
            act(database, account=admin.account, by=pharmacist, now=NOW)
    with pytest.raises(NotAllowed):
        account_lines(database, by=pharmacist, now=NOW)
    with pytest.raises(NotAllowed):
        person(database, "new", "manager", by=pharmacist)
    with pytest.raises(NotFound):
        disable_account(database, account="nobody", by=admin, now=NOW)
    for wrong in ({"role": "king"}, {"staff_group": "Wizards"}, {"band": "10"}, {"display_name": " "}):
        given = {"display_name": "P", "role": "pharmacist", "staff_group": "Students", "band": "6"} | wrong
        with pytest.raises(UsageError):
            edit_account(database, account=pharmacist.account, by=admin, now=NOW, display_name=given["display_name"],
                         role=given["role"], staff_group=given["staff_group"], band=given["band"])  # fmt: skip


def test_a_one_time_password_must_be_changed_and_a_lock_is_seen_and_lifted(
    database: Database, admin: Person, pharmacist: Person
) -> None:
    old = sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    given = reset_password(database, account=pharmacist.account, by=admin, now=NOW)
    with pytest.raises(NotSignedIn):
        session_of(database, SETTINGS, token=old, now=NOW)
    with pytest.raises(NotSignedIn):
        sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    token = sign_in(database, SETTINGS, name="pat", password=given, now=NOW)
    elsewhere = sign_in(database, SETTINGS, name="pat", password=given, now=NOW)
    session = session_of(database, SETTINGS, token=token, now=NOW)
    assert session.must_change
    for new in ("short", given, "pat pat pat pat", "Password1234!", "aaaaaaaaaaaa", "x" * 201):
        with pytest.raises(InputError):
            change_password(database, session=session, old=given, new=new, now=NOW)
    change_password(database, session=session, old=given, new="plain violet engine", now=NOW)
    assert not session_of(database, SETTINGS, token=token, now=NOW).must_change
    with pytest.raises(NotSignedIn):
        session_of(database, SETTINGS, token=elsewhere, now=NOW)
    for _ in range(5):
        with pytest.raises(InputError):
            change_password(database, session=session, old="wrong", new="another long phrase", now=NOW)
    with pytest.raises(NotSignedIn, match="locked"):
        change_password(database, session=session, old="plain violet engine", new="another long phrase", now=NOW)
    line = next(x for x in account_lines(database, by=admin, now=NOW) if x.person.name == "pat")
    assert line.locked_until == (NOW + dt.timedelta(minutes=15)).isoformat()
    unlock_account(database, account=pharmacist.account, by=admin, now=NOW)
    sign_in(database, SETTINGS, name="pat", password="plain violet engine", now=NOW)


@pytest.mark.parametrize("password", ["eleven char", "welcome-2026", "Summer2026!!!", "1234567890123", "abababababab",
                                      "qwertyuiop12", "hospitalnurse", "iloveyou1234", "margaret.jones"])  # fmt: skip
def test_a_password_that_is_guessed_first_is_refused(password: str) -> None:
    with pytest.raises(UsageError):
        check_password(password, name="margaret.jones", display_name="Margaret Jones")


@pytest.mark.parametrize(
    "password", ["three random words", "ÄÖÜ und sonst nix", "      lots of space", "a1b2-c3d4-e5f6"]
)
def test_no_rule_about_kinds_of_characters(password: str) -> None:
    check_password(password, name="margaret.jones", display_name="Margaret Jones")


def test_one_time_passwords_pass_their_own_rule() -> None:
    for _ in range(2_000):
        check_password(one_time_password(), name="ada", display_name="Ada")


def test_why_a_session_is_over(database: Database, pharmacist: Person) -> None:
    def why(after: dt.timedelta, settings: Settings) -> str:
        token = sign_in(database, settings, name="pat", password=PASSWORD, now=NOW)
        with pytest.raises(SessionOver) as over:
            session_of(database, settings, token=token, now=NOW + after)
        return over.value.why

    assert why(dt.timedelta(minutes=31), SETTINGS) == "idle"
    assert why(dt.timedelta(hours=12), Settings(session_idle_minutes=1_000)) == "long"


def test_a_row_keeps_group_and_band_as_they_were(database: Database, admin: Person, pharmacist: Person) -> None:
    def write(timing: str | None) -> None:
        act = Act(kind="evidence.opened", subject="r", actor=pharmacist.account, role="pharmacist", seconds=3.0,
                         timing=timing)  # fmt: skip
        with database.write() as connection:
            ledger.append(connection, [act], NOW.isoformat())

    write("request-gap")
    edit_account(database, account=pharmacist.account, display_name="P", role="pharmacist", staff_group="Students",
                 band="8a", by=admin, now=NOW)  # fmt: skip
    write("page")
    write("told")
    with database.read() as connection:
        rows = [(e.staff_group, e.band, e.idle_after_s) for e in ledger.entries(connection, "r")]
        assert ledger.verify(connection) == ()
    assert rows == [("Healthcare Scientists", "7", 60), ("Students", "8a", 60), ("Students", "8a", None)]


def test_a_changed_stamp_breaks_the_ledger(database: Database, pharmacist: Person) -> None:
    act = Act(kind="evidence.opened", subject="r", actor=pharmacist.account, role="pharmacist")
    with database.write() as connection:
        ledger.append(connection, [act], NOW.isoformat())
        _without_triggers(connection, "ledger")
        connection.execute(update(LedgerRow).values(band="2"))
        assert "content was changed" in ledger.verify(connection)[-1].what


def _without_triggers(connection: Any, table: str) -> None:
    """What somebody who owns the database can do."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
        return
    names = connection.execute(text(f"SELECT name FROM sqlite_master WHERE type='trigger' AND tbl_name='{table}'"))
    for name in names.scalars().all():
        connection.execute(text(f"DROP TRIGGER {name}"))


@pytest.fixture
def looked(database: Database, admin: Person, pharmacist: Person) -> str:
    """Patient seen and searched for, a denial, sign-ins good and bad."""
    with database.write() as connection:
        row = {"id": "p1", "nhs_number": NUMBER, "name": "=cmd|' /C calc'!A0"}
        connection.execute(insert(Patient), [row])
    token = sign_in(database, SETTINGS, name="pat", password=PASSWORD, now=NOW)
    with pytest.raises(NotSignedIn):
        sign_in(database, SETTINGS, name="pat", password="wrong", now=NOW)
    with pytest.raises(NotSignedIn):
        sign_in(database, SETTINGS, name="my secret password", password="x", now=NOW)
    spaced = "999 014 7213"
    look_around(database, what="worklist.see", noted_as="patient.search", by=pharmacist, now=NOW, nhs_number=spaced)
    with pytest.raises(NotAllowed):
        look_around(database, what="worklist.see", noted_as="patient.search", by=admin, now=NOW, nhs_number=NUMBER)
    sign_out(database, token=token, now=NOW + dt.timedelta(days=1))
    return token


def read(database: Database, by: Person, page: int = 1, **asked: str) -> list[tuple[str, str, bool]]:
    found = read_access_log(database, SETTINGS, asked=AccessFilter(**asked), page=page, by=by, now=NOW)
    return [(x.name, x.action, x.allowed) for x in found.lines]


def test_the_access_log_is_read_by_patient_account_and_day(
    database: Database, admin: Person, pharmacist: Person, looked: str
) -> None:
    everything = read(database, admin)
    assert everything[:2] == [("Ada", "access-log.see", True), ("Pat", "sign-out", True)]
    assert ("name of no account", "sign-in", False) in everything
    assert "my secret password" not in str(everything)
    assert read(database, admin, nhs_number="999-014-7213") == [
        ("Ada", "access-log.see", True), ("Ada", "patient.search", False), ("Pat", "patient.search", True),
    ]  # fmt: skip
    assert {name for name, _, _ in read(database, admin, account="PAT")} == {"Pat"}
    assert read(database, admin, day="2026-11-27") == [("Pat", "sign-out", True)]
    assert read(database, admin, account="nobody-of-that-name") == []
    with pytest.raises(InputError):
        read(database, admin, nhs_number="1234567890")
    with pytest.raises(InputError):
        read(database, admin, day="yesterday")
    with pytest.raises(NotAllowed):
        read(database, pharmacist)
    assert ("Pat", "access-log.see", False) in read(database, admin)
    for _ in range(60):
        read(database, admin)
    assert len(read(database, admin)) == 50
    assert read(database, admin, page=99)[-1] == ("Pat", "sign-in", True)


def test_what_is_exported_is_safe_and_valid(database: Database, admin: Person, pharmacist: Person, looked: str) -> None:
    content = export_access_log(database, SETTINGS, asked=AccessFilter(), form="csv", by=admin, now=NOW)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert len(rows) == 8
    assert {row[7] for row in rows[1:]} == {"", "'=cmd|' /C calc'!A0"}
    lines = export_access_log(database, SETTINGS, asked=AccessFilter(), form="fhir", by=admin, now=NOW).splitlines()
    events = [json.loads(line) for line in lines]
    for line in lines:
        AuditEvent.model_validate_json(line)
    assert [e["outcome"] for e in events].count("8") == 3
    assert {e["subtype"][0]["code"] for e in events} == {"search", "110122", "110123"}
    with pytest.raises(InputError):
        export_access_log(database, SETTINGS, asked=AccessFilter(), form="pdf", by=admin, now=NOW)
    with pytest.raises(NotAllowed):
        export_access_log(database, SETTINGS, asked=AccessFilter(), form="csv", by=pharmacist, now=NOW)


@pytest.mark.parametrize(
    ("action", "query"), [("review.see", False), ("evidence.row", False), ("patient.search", True)]
)
@pytest.mark.parametrize("allowed", [True, False])
def test_a_look_at_a_patient_has_the_shape_of_its_balp_profile(action: str, query: bool, allowed: bool) -> None:
    line = AccessLine(seq=7, id="x", at=NOW.isoformat(), account="a", name="Pat", role="pharmacist", action=action,
                      allowed=allowed, patient="p1", patient_name="Doris", nhs_number=NUMBER)  # fmt: skip
    event = audit_event(line)
    AuditEvent.model_validate(event)
    assert event["type"]["code"] == "rest"
    assert event["subtype"][0]["code"] == ("search" if query else "read")
    assert event["action"] == ("E" if query else "R")
    # client and server, as the profiles fix them for a read and for a query
    codes = [agent["type"]["coding"][0]["code"] for agent in event["agent"]]
    assert codes == (["110153", "110152", "IRCP"] if query else ["110152", "110153", "IRCP"])
    assert all("who" in agent for agent in event["agent"])
    assert [("network" in agent, agent["requestor"]) for agent in event["agent"]] == [
        (True, False), (True, False), (False, True),
    ]  # fmt: skip
    assert event["agent"][2]["role"][0]["coding"][0]["code"] == "pharmacist"
    what, patient = event["entity"]
    assert (what["type"]["code"], patient["type"]["code"], patient["role"]["code"]) == ("2", "1", "1")
    assert patient["what"]["identifier"] == {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NUMBER}
    if query:
        assert base64.b64decode(what["query"]) == b"patient.search"
    assert event["source"]["observer"]["type"] == "Device"
    assert event["outcome"] == ("0" if allowed else "8")
    profile = f"IHE.BasicAudit.Patient{'Query' if query else 'Read'}"
    assert [p.rsplit("/", 1)[1] for p in event.get("meta", {}).get("profile", [])] == ([profile] if allowed else [])


def test_no_cell_is_a_formula() -> None:
    for name in ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "  =1"):
        line = AccessLine(seq=1, id="x", at=NOW.isoformat(), account="a", name=name, role="pharmacist",
                          action="review.see", allowed=True)  # fmt: skip
        assert list(csv.reader(io.StringIO(as_csv([line]).decode("utf-8-sig"))))[1][3] == f"'{name}"


def test_the_access_log_shows_a_change_and_a_cut(database: Database, looked: str) -> None:
    broken, head = verify_access_log(database)
    assert broken == ()
    assert head[0] == 6
    with pytest.raises(DBAPIError, match="append-only"), database.write() as connection:
        connection.execute(text("UPDATE access_event SET allowed = true WHERE seq = 5"))
    with database.write() as connection:
        _without_triggers(connection, "access_event")
        connection.execute(text("UPDATE access_event SET account = 'a' WHERE seq = 2"))
        connection.execute(text("DELETE FROM access_event WHERE seq = 6"))
    broken, _ = verify_access_log(database, head)
    assert [(one.seq, one.what.split(":")[0]) for one in broken] == [
        (2, "its content was changed"), (6, "the exported head is gone"),
    ]  # fmt: skip
