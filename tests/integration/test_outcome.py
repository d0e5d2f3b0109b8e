"""The outcome of a review on real databases: what became of each medicine, the files, the document, the ledger."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from conformance.fhir.validators import by_fhir_resources, by_references
from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.decide_row import decide
from gateway.actions.outcome import FoundOutcome, printed_outcome, review_outcome
from gateway.actions.outcome_files import KINDS, outcome_file
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import look_at_review, open_review
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, NotAllowed, NotFound
from gateway.fhir.read import read_list
from gateway.records.decision import Decision, Intent, Outcome
from gateway.records.lists import ListRole
from gateway.records.outcome import Became, MedicineOutcome
from gateway.records.reconciliation import Reconciliation
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AccessEvent
from tests.fhir_builders import Json, bundle, document, patient, statement

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
PASSWORD = "correct horse battery"
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture
def pharmacist(database: Database) -> Person:
    return create_account(
        database, name="pat", display_name="Pat", role="pharmacist", password=PASSWORD, now=NOW
    )  # fmt: skip


GP = (
    statement("1", "Apixaban 5mg tablets", dose="one twice a day"),
    statement("2", "Aspirin 75mg tablets", dose="one daily"),
    statement("3", "Ramipril 5mg capsules", dose="one daily"),
    statement("4", "Simvastatin 40mg tablets", dose="one at night"),
    statement("5", "Metformin 500mg tablets", dose="one twice a day"),
    statement("6", "Omeprazole 20mg capsules", dose="one daily"),
    statement("7", "Lactulose 3.1-3.7g/5ml oral solution", dose="15 ml twice a day"),
)
WARD = (
    statement("1", "Apixaban 2.5mg tablets", dose="1 tablet twice a day"),
    statement("2", "Aspirin 75mg tablets", dose="one daily"),
    statement("8", "Bisoprolol 2.5mg tablets", dose="one daily"),
)


def reconciled(knowledge: Knowledge, gp: tuple[Json, ...] = GP, **more: Json) -> Reconciliation:
    lists = [
        read_list("gp", [document(bundle(patient(), *gp))]),
        read_list("ward", [document(bundle(patient(), *WARD))]),
        *(read_list(name, [document(one)]) for name, one in more.items()),
    ]
    roles = {"gp": ListRole.PRE_ADMISSION, "ward": ListRole.DISCHARGE} | dict.fromkeys(more, ListRole.PRE_ADMISSION)
    return reconcile(lists, knowledge, NOW.date(), roles)


def opened(database: Database, one: Reconciliation, now: dt.datetime = NOW) -> str:
    who = known_patient(database, nhs_number="9990000018", name="Ann Example", birth_date="1950-01-01")
    return open_review(database, patient=who, reconciliation=one, now=now)


def decisions(one: Reconciliation) -> dict[str, Decision]:
    row = {r.medicine: r.id for r in one.rows}
    return {
        "apixaban": Decision(row=row["apixaban"], outcome=Outcome.CONTINUE, as_on=("ward/MedicationStatement/1",),
                             intent=Intent.INTENTIONAL_DOCUMENTED, reason="dose-changed-for-renal-function"),
        "aspirin": Decision(row=row["aspirin"], outcome=Outcome.CONTINUE, as_on=("gp/MedicationStatement/2",)),
        "bisoprolol": Decision(row=row["bisoprolol"], outcome=Outcome.CONTINUE, as_on=("ward/MedicationStatement/8",)),
        "ramipril": Decision(row=row["ramipril"], outcome=Outcome.WITHHOLD, restart="GP after blood test in 7 days",
                             reason="procedure-or-acute-illness"),
        "simvastatin": Decision(row=row["simvastatin"], outcome=Outcome.STOP, reason="other", note=FORMULA),
        "metformin": Decision(row=row["metformin"], outcome=Outcome.NOT_TAKING, reason="patient-reports-not-taking"),
        "omeprazole": Decision(row=row["omeprazole"], outcome=Outcome.CHANGE, change_to="half of whatever it was",
                               reason="no-such"),
    }  # fmt: skip


def decided(database: Database, review: str, one: Reconciliation, by: Person) -> None:
    """All but lactulose."""
    for decision in decisions(one).values():
        good = msgspec.structs.replace(decision, reason="patient-choice") if decision.reason == "no-such" else decision
        decide(database, review=review, decision=good, expected_version=0, by=by, now=NOW)


def sign(database: Database, review: str, by: Person, now: dt.datetime = NOW) -> None:
    version = look_at_review(database, review=review, by=by, now=now).version
    sign_review(database, review=review, expected_version=version, override="phoned the ward", by=by, now=now)


def by_name(found: FoundOutcome) -> dict[str, MedicineOutcome]:
    return {m.medicine: m for m in found.outcome.medicines}


def test_what_became_of_each_medicine(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    one = reconciled(knowledge)
    review = opened(database, one)
    decided(database, review, one, pharmacist)
    found = review_outcome(database, review=review, by=pharmacist, now=NOW)
    medicines = by_name(found)
    assert {name: m.became.value for name, m in medicines.items()} == {
        "apixaban": "changed",
        "aspirin": "continued",
        "bisoprolol": "new",
        "lactulose": "undecided",
        "metformin": "not-taking",
        "omeprazole": "changed",
        "ramipril": "withheld",
        "simvastatin": "stopped",
    }
    apixaban = medicines["apixaban"]
    before = [(s.medicine, s.dose.whole if s.dose else None, s.lists) for s in apixaban.before]
    assert before == [("Apixaban 5mg tablets", "one twice a day", ("gp",))]
    assert [s.medicine for s in apixaban.after] == ["Apixaban 2.5mg tablets"]
    assert (apixaban.role, apixaban.at, apixaban.intent) == (
        "pharmacist", NOW.isoformat(), Intent.INTENTIONAL_DOCUMENTED,
    )  # fmt: skip
    assert apixaban.reason_plain == "This is because of how your kidneys are working."
    assert apixaban.check_missing
    assert medicines["ramipril"].restart == "GP after blood test in 7 days"
    assert medicines["omeprazole"].after[0].dose
    assert medicines["omeprazole"].after[0].dose.whole == "half of whatever it was"
    assert "not understood" in " ".join(medicines["omeprazole"].cautions)
    assert found.outcome.draft
    assert "lactulose is not decided." in found.outcome.open


@pytest.mark.parametrize("lacking", ["partial", "failed", "none"])
def test_nothing_is_called_new_while_a_list_from_before_lacks(
    database: Database, knowledge: Knowledge, pharmacist: Person, lacking: str
) -> None:
    if lacking == "partial":
        one = reconciled(knowledge, (*GP, {"resourceType": "MedicationStatement", "id": "9", "status": "active"}))
    elif lacking == "failed":
        one = reconciled(knowledge, other={"resourceType": "OperationOutcome", "issue": []})
    else:
        lists = [read_list("ward", [document(bundle(patient(), *WARD))])]
        one = reconcile(lists, knowledge, NOW.date(), {"ward": ListRole.DISCHARGE})
    row = next(r for r in one.rows if r.medicine == "bisoprolol")
    review = opened(database, one)
    keep = Decision(row=row.id, outcome=Outcome.CONTINUE, as_on=row.entries)
    decide(database, review=review, decision=keep, expected_version=0, by=pharmacist, now=NOW)
    found = review_outcome(database, review=review, by=pharmacist, now=NOW)
    assert by_name(found)["bisoprolol"].became is Became.PERHAPS_NEW


def test_files_wait_for_the_signature(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    one = reconciled(knowledge)
    review = opened(database, one)
    for kind in KINDS:
        with pytest.raises(Conflict, match="not signed"):
            outcome_file(database, review=review, kind=kind, by=pharmacist, now=NOW)
    with pytest.raises(Conflict, match="not signed"):
        outcome_file(database, review=review, kind="gp-csv", by=pharmacist, now=NOW, draft=True)
    with pytest.raises(NotFound):
        outcome_file(database, review=review, kind="pdf", by=pharmacist, now=NOW)
    with pytest.raises(NotFound):
        outcome_file(database, review="none", kind="gp-csv", by=pharmacist, now=NOW)
    clerk = create_account(database, name="cas", display_name="Cas", role="audit-clerk", password=PASSWORD, now=NOW)
    with pytest.raises(NotAllowed):
        outcome_file(database, review=review, kind="gp-csv", by=clerk, now=NOW)
    sign(database, review, pharmacist)
    later = NOW + dt.timedelta(days=1)
    opened(database, reconciled(knowledge, GP[:3]), later)
    with pytest.raises(Conflict, match="newer review"):
        outcome_file(database, review=review, kind="gp-csv", by=pharmacist, now=later)


def test_the_tables_hold_every_medicine_in_the_order_of_the_standard_and_no_formula(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    one = reconciled(knowledge)
    review = opened(database, one)
    decided(database, review, one, pharmacist)
    sign(database, review, pharmacist)

    def file(kind: str) -> str:
        made = outcome_file(database, review=review, kind=kind, by=pharmacist, now=NOW, contact="Ward 7, ext. 4321")
        assert "9990000018" not in made.name
        return made.body.decode("utf-8-sig")

    rows = list(csv.DictReader(io.StringIO(file("gp-csv"))))
    assert list(rows[0])[8:17] == [
        "Medication name", "Form", "Route", "Dose", "Frequency", "Status", "Indication",
        "Reason for change or discontinuation", "Description of amendment",
    ]  # fmt: skip
    assert len(rows) == len(one.rows)
    ended = [r["Medication name"] for r in rows if r["Section"] == "Medications discontinued"]
    assert ended == ["Metformin 500mg tablets", "Simvastatin 40mg tablets"]
    simvastatin = next(r for r in rows if r["Medication name"].startswith("Simvastatin"))
    assert simvastatin["Note"] == f"'{FORMULA}"
    apixaban = next(r for r in rows if r["Medication name"].startswith("Apixaban"))
    assert (apixaban["Dose"], apixaban["Frequency"]) == ("1 tablet", "twice a day")
    assert "Was Apixaban 5mg tablets" in apixaban["Description of amendment"]
    gp = json.loads(file("gp-json"))
    assert [len(gp["sections"][s]) for s in gp["sections"]] == [6, 2]
    assert gp["signed_over"]["why"] == "phoned the ward"
    dms = json.loads(file("dms-json"))
    assert dms["about"]["Contact for questions"] == "Ward 7, ext. 4321"
    assert {s: len(lines) for s, lines in dms["sections"].items()} == {
        "Newly started": 1, "Changed": 2, "Stopped": 2, "Withheld": 1, "Continued": 1, "Not settled": 1,
    }  # fmt: skip
    assert len(list(csv.DictReader(io.StringIO(file("dms-csv"))))) == len(one.rows)
    with database.read() as connection:
        exports = [e.act.item for e in ledger.entries(connection, review) if e.act.kind == "outcome.exported"]
        table = AccessEvent.__table__  # type: ignore[attr-defined]
        noted = connection.execute(select(table).where(table.c.action == "outcome.export")).all()
        assert ledger.verify(connection) == ()
    assert exports == ["gp-csv", "gp-json", "dms-json", "dms-csv"]
    assert len(noted) == 4
    assert all(n.allowed and n.patient for n in noted)


def test_what_two_lists_say_otherwise_is_one_line_where_it_is_not_taken(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    other = bundle(patient(), statement("4", "Simvastatin 40mg tablets", dose="1 tablet every night"), GP[6])
    one = reconciled(knowledge, other=other)
    review = opened(database, one)
    row = next(r.id for r in one.rows if r.medicine == "simvastatin")
    stop = Decision(row=row, outcome=Outcome.STOP, reason="no-longer-indicated")
    decide(database, review=review, decision=stop, expected_version=0, by=pharmacist, now=NOW)
    sign(database, review, pharmacist)
    made = outcome_file(database, review=review, kind="gp-csv", by=pharmacist, now=NOW)
    lines = list(csv.DictReader(io.StringIO(made.body.decode("utf-8-sig"))))
    assert len(lines) == len(one.rows)
    statements = [s for s in kinds(fhir(database, review, pharmacist), "MedicationStatement") if s.get("meta")]
    assert len(statements) == len(one.rows)


def fhir(database: Database, review: str, by: Person, now: dt.datetime = NOW, *, draft: bool = False) -> dict[str, Any]:
    made = outcome_file(database, review=review, kind="document", by=by, now=now, draft=draft)
    assert by_fhir_resources(made.body) == []
    found: dict[str, Any] = json.loads(made.body)
    assert by_references(found) == []
    return found


def kinds(bundle_: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [e["resource"] for e in bundle_["entry"] if e["resource"]["resourceType"] == kind]


def test_the_document_says_what_was_decided_by_whom_and_which_it_replaces(
    database: Database, knowledge: Knowledge, pharmacist: Person
) -> None:
    one = reconciled(knowledge)
    review = opened(database, one)
    decided(database, review, one, pharmacist)
    draft = fhir(database, review, pharmacist, draft=True)
    assert kinds(draft, "Composition")[0]["status"] == "preliminary"
    sign(database, review, pharmacist)
    first = fhir(database, review, pharmacist)
    assert (first["type"], first["entry"][0]["resource"]["resourceType"]) == ("document", "Composition")
    assert first["entry"][1]["resource"]["resourceType"] == "Patient"
    composition = kinds(first, "Composition")[0]
    assert composition["status"] == "final"
    assert "relatesTo" not in composition
    assert first == fhir(database, review, pharmacist, NOW + dt.timedelta(hours=3))
    provenances = kinds(first, "Provenance")
    assert len(provenances) == len(decisions(one))
    statements = {
        f"{e['fullUrl']}/_history/{e['resource']['meta']['versionId']}": e["resource"]
        for e in first["entry"]
        if e["resource"].get("meta", {}).get("versionId")
    }
    assert all(t["reference"] in statements for p in provenances for t in p["target"])
    states = sorted(s["status"] for s in statements.values())
    assert states == ["active"] * 4 + ["not-taken", "on-hold", "stopped", "unknown"]
    assert len(kinds(first, "DetectedIssue")) == len(one.discrepancies) > 0
    assert "phoned the ward" in json.dumps(composition)

    later = NOW + dt.timedelta(hours=4)
    version = look_at_review(database, review=review, by=pharmacist, now=later).version
    reopen_review(database, review=review, expected_version=version, reason="new result", by=pharmacist, now=later)
    sign(database, review, pharmacist, later)
    second = fhir(database, review, pharmacist, later)
    composition = kinds(second, "Composition")[0]
    assert composition["status"] == "amended"
    assert second["identifier"] != first["identifier"]
    assert composition["relatesTo"] == [{"code": "replaces", "targetIdentifier": first["identifier"]}]

    newest = opened(database, reconciled(knowledge, GP[:3]), later)
    assert newest != review
    sign(database, newest, pharmacist, later + dt.timedelta(hours=1))
    third = fhir(database, newest, pharmacist, later + dt.timedelta(hours=2))
    assert kinds(third, "Composition")[0]["relatesTo"][0]["targetIdentifier"] == second["identifier"]


def test_a_print_is_one_act_and_a_reload_no_other(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    review = opened(database, reconciled(knowledge))
    for paper, minutes in (("list", 0), ("list", 1), ("patient-list", 1), ("list", 5)):
        now = NOW + dt.timedelta(minutes=minutes)
        printed_outcome(database, review=review, paper=paper, by=pharmacist, now=now)
    with database.read() as connection:
        printed = [e.act.item for e in ledger.entries(connection, review) if e.act.kind == "outcome.printed"]
    assert printed == ["list", "patient-list", "list"]


def test_what_was_fetched_long_ago_is_not_current(database: Database, knowledge: Knowledge, pharmacist: Person) -> None:
    review = opened(database, reconciled(knowledge))
    for hours, current in ((23, True), (25, False)):
        found = review_outcome(database, review=review, by=pharmacist, now=NOW + dt.timedelta(hours=hours))
        assert found.outcome.current is current
