"""How a patient comes into an audit by hand or from a cohort file, and how a case is taken out."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.audit_cases import list_cases
from gateway.actions.enter_case import enter_case, import_cohort
from gateway.actions.exclude_case import exclude_case
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.clinical_audit.cases import why_in
from gateway.clinical_audit.packs import load_packs
from gateway.errors import Conflict, InputError, NotAllowed, NotFound
from gateway.fhir.read import read_list
from gateway.records.lists import ListRole
from gateway.store.database import Database
from tests.fhir_builders import bundle, document, patient, statement
from tests.unit.clinical_audit.ward import left, written

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
NUMBER = "9990000018"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


@pytest.fixture
def clerk(database: Database) -> Person:
    return create_account(
        database, name="cas", display_name="Cas", role="audit-clerk", password="correct horse battery", now=NOW
    )


@pytest.fixture
def review(database: Database, knowledge: Knowledge) -> str:
    lists = [read_list("gp", [document(bundle(patient(), statement("1", "Apixaban 5mg tablets")))])]
    one = reconcile(lists, knowledge, NOW.date())
    known = known_patient(database, nhs_number=NUMBER, name="Ann Example", birth_date="1950-01-01")
    return open_review(database, patient=known, reconciliation=one, now=NOW)


def test_by_hand_needs_a_reason_and_shows_it(
    database: Database, knowledge: Knowledge, clerk: Person, review: str
) -> None:
    def enter(pack: str, review_: str, why: str) -> str:
        return enter_case(
            database, pack=pack, review=review_, why=why, by=clerk, vocabulary=knowledge.vocabulary, now=NOW
        )

    with pytest.raises(InputError, match="why this patient"):
        enter("minap", review, "  ")
    with pytest.raises(NotFound, match="audit"):
        enter("no-such", review, "because")
    with pytest.raises(NotFound, match="review"):
        enter("minap", "no-such", "because")
    assert list_cases(database, by=clerk) == ()
    enter("minap", review, "Troponin in the paper notes.")
    (case,) = list_cases(database, by=clerk)
    assert (case.why, case.entered_by) == ("Troponin in the paper notes.", "hand")
    with database.read() as connection:
        kinds = [
            r[0]
            for r in connection.exec_driver_sql(
                "SELECT kind FROM ledger WHERE kind IN ('case.entered', 'case.excluded')"
            )
        ]
    assert kinds == ["case.entered"]


def test_a_cohort_enters_each_known_patient_and_tells_of_every_line(
    database: Database, knowledge: Knowledge, clerk: Person, review: str
) -> None:
    rows = f"NHS_Number,why\n{NUMBER[:3]} {NUMBER[3:6]} {NUMBER[6:]},on the ward list\n9990000019,x\n9990147213,x\n,\n"
    found = import_cohort(
        database, pack="ssnap", content=rows.encode(), by=clerk, vocabulary=knowledge.vocabulary, now=NOW
    )
    assert [(one.line, bool(one.case)) for one in found] == [(2, True), (3, False), (4, False), (5, False)]
    assert "check digit" in found[1].problem
    assert "fetch the lists" in found[2].problem
    assert all(NUMBER not in one.problem for one in found)
    (case,) = list_cases(database, by=clerk)
    assert (case.pack.id, case.why, case.entered_by) == ("ssnap", "on the ward list", "cohort")
    import_cohort(database, pack="ssnap", content=rows.encode(), by=clerk, vocabulary=knowledge.vocabulary, now=NOW)
    assert len(list_cases(database, by=clerk)) == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe\x00", "UTF-8"),
        (b"", "no column"),
        (b"name\nAnn\n", "no column"),
        (b'nhs_number\n"' + b"1" * 200_000, "CSV"),
    ],
)
def test_a_file_that_is_no_cohort_is_refused_in_words(
    database: Database, knowledge: Knowledge, clerk: Person, content: bytes, words: str
) -> None:
    with pytest.raises(InputError, match=words):
        import_cohort(database, pack="minap", content=content, by=clerk, vocabulary=knowledge.vocabulary, now=NOW)


def test_an_excluded_case_leaves_the_list_with_its_reason(
    database: Database, knowledge: Knowledge, clerk: Person, review: str
) -> None:
    case = enter_case(
        database, pack="minap", review=review, why="by hand", by=clerk, vocabulary=knowledge.vocabulary, now=NOW
    )
    with pytest.raises(InputError, match="does not belong"):
        exclude_case(database, case=case, reason="", by=clerk, now=NOW)
    with pytest.raises(NotFound):
        exclude_case(database, case="no-such", reason="type 2 infarction", by=clerk, now=NOW)
    manager = Person(account="m", name="m", display_name="m", role="manager")
    with pytest.raises(NotAllowed):
        exclude_case(database, case=case, reason="type 2 infarction", by=manager, now=NOW)
    exclude_case(database, case=case, reason="type 2 infarction", by=clerk, now=NOW)
    assert list_cases(database, by=clerk) == ()
    with pytest.raises(Conflict):
        exclude_case(database, case=case, reason="again", by=clerk, now=NOW)
    with database.read() as connection:
        told = connection.exec_driver_sql("SELECT reason FROM ledger WHERE kind = 'case.excluded'").scalar()
    assert told == "type 2 infarction"


def test_only_a_stay_whose_hospital_coded_it_meets_the_criteria(knowledge: Knowledge) -> None:
    attack = {
        "resourceType": "Condition",
        "id": "c1",
        "subject": {"reference": "Patient/p1"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "401314000"}]},
    }
    pack = load_packs()["minap"]

    def entered(gp: tuple[object, ...], hospital: tuple[object, ...]) -> str | None:
        lists = [written("gp", *gp), written("hospital", *hospital)]  # type: ignore[arg-type]
        return why_in(pack, reconcile(lists, knowledge, NOW.date(), {"hospital": ListRole.DISCHARGE}))

    stay = left("home") | {"period": {"start": "2026-11-10"}}
    assert entered((), (stay, attack)) == (
        "hospital records acute non-ST segment elevation myocardial infarction for the stay from 2026-11-10."
    )
    assert entered((attack,), (stay,)) is None
    assert entered((), (attack,)) is None
    assert entered((), (stay | {"class": {"code": "AMB"}}, attack)) is None
