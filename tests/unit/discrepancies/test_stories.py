"""The fifteen people of the demo: each story's lists give the findings that the story promises, and no false alarm."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import msgspec
import pytest

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.demo.records_r4 import hospital_records, pharmacy_records
from gateway.demo.records_stu3 import structured_record
from gateway.demo.stories import Holding, Stories, StoryPatient, load_stories
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, ListState
from gateway.records.matching import MatchLevel
from gateway.records.reconciliation import Reconciliation
from tests.fhir_builders import Json, bundle, document

NOW = dt.datetime(2026, 11, 24, 9, 0, tzinfo=ZoneInfo("Europe/London"))
STORIES = load_stories()
KEYS = [one.key for one in STORIES.patients]
KINDS = {"gp": "gp", "hospital": "hospital", "pharmacy": "community-pharmacy"}
JARGON = re.compile(r"\b(None|null|nan|Resource|MedicationRequest|FHIR|quarantined|PRN|\d+\.0)\b")
NO_INDICATION = "new-no-indication"

#: Rule, severity and medicine of everything that is found, except that names were read without codes (`uncoded`).
FOUND: dict[str, list[tuple[str, int, str | None]]] = {
    "hargreaves": [
        ("dose-differs", 3, "apixaban"),
        ("pincer-drugs", 3, "apixaban"),
        ("pincer-drugs", 3, "apixaban"),
        ("dose-differs", 2, "furosemide"),
        ("omission", 2, "ibuprofen"),
        ("pincer-conditions", 2, "ibuprofen"),
    ],
    "okafor": [
        ("held-no-restart-plan", 2, "ramipril"),
        ("old-supply-alive", 2, "spironolactone"),
        ("omission", 2, "metformin"),
    ],
    "thistlewood": [
        (NO_INDICATION, 1, "aspirin"),
        (NO_INDICATION, 1, "bisoprolol"),
        (NO_INDICATION, 1, "ticagrelor"),
        ("probable-switch", 0, "omeprazole"),
        ("probable-switch", 0, "simvastatin"),
    ],
    "pemberton": [("dose-differs", 3, "methotrexate"), ("methotrexate", 3, "methotrexate")],
    "brightwell": [("insulin", 3, "insulin glargine")],
    "wainwright": [("class-duplicate", 3, "apixaban"), ("unreadable-dose", 3, "warfarin")],
    "adeyemi": [("allergy-conflict", 3, "amoxicillin + clavulanic acid"), (NO_INDICATION, 1, "prednisolone")],
    "lindqvist": [("strength-only", 0, "warfarin")],
    "fairbairn": [("brand-critical", 2, "beclometasone + formoterol"), ("brand-critical", 2, "diltiazem")],
    "castellano": [
        ("pincer-drugs", 2, "aspirin"),
        (NO_INDICATION, 1, "aspirin"),
        (NO_INDICATION, 1, "clopidogrel"),
        (NO_INDICATION, 1, "ramipril"),
    ],
    "nakamura": [
        ("omission", 2, "allopurinol"),
        ("pincer-drugs", 2, "aspirin"),
        ("source-incomplete", 2, None),
        (NO_INDICATION, 1, "aspirin"),
        (NO_INDICATION, 1, "atorvastatin"),
        (NO_INDICATION, 1, "prasugrel"),
    ],
    "oyelaran": [],
    "delacroix": [("source-incomplete", 2, None)],
    "macallister": [
        ("release-differs", 3, "morphine"),
        ("omission", 2, "tamsulosin"),
        ("source-incomplete", 2, None),
        (NO_INDICATION, 1, "enoxaparin"),
    ],
    "whitcombe": [],
}
#: What the message must hold, so that it says what the story says.
SAID = {
    "hargreaves": ["is half of the gp and pharmacy dose", "40 mg twice a day, is double", "was supplied (pharmacy)"],
    "okafor": ["ramipril is suspended on the hospital list, and no date or plan to start it again is recorded"],
    "thistlewood": ["simvastatin (gp and pharmacy) is missing and atorvastatin (hospital) is new"],
    "pemberton": [
        "10 mg once a day, is seven times",
        "10 mg once a week on Monday",
        "more than one dose in seven days",
    ],
    "brightwell": ["the number of units is not stated", "no brand is named", "no device is named (hospital)"],
    "wainwright": ["apixaban (hospital) and warfarin (gp and pharmacy) are anticoagulants"],
    "adeyemi": ["one of the penicillins, is current on the hospital list", "recorded on the gp list (Facial swelling)"],
    "lindqvist": ["gp and pharmacy: 1 mg and 3 mg; hospital: 1 mg"],
    "nakamura": ["The list of pharmacy did not arrive", "No list received"],
    "delacroix": ["The list of gp was withheld", "Withheld"],
    "macallister": ["gp and pharmacy: modified release; hospital: tablet", "pharmacy arrived in part"],
}


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(tmp_path_factory.mktemp("knowledge"))


def person(key: str) -> StoryPatient:
    return next(one for one in STORIES.patients if one.key == key)


def written(one: StoryPatient, stories: Stories) -> list[ListAsWritten]:
    """The three lists as the fetch leaves them, without the network: what trouble makes of them is the list's state."""
    hospital = bundle(*hospital_records(one, stories, NOW))
    pharmacy, more = pharmacy_records(one, NOW), {}
    if one.pharmacy.trouble.loses_pages:
        pharmacy = pharmacy[: 1 + one.pharmacy.page]
        more = {"type": "searchset", "link": [{"relation": "next", "url": "http://pharmacy.example/?start=2"}]}
    return [
        _list("gp", one.gp, structured_record(one, stories.organisations["gp"].name, NOW)),
        _list("hospital", one.hospital, hospital),
        _list("pharmacy", one.pharmacy, bundle(*pharmacy, **more)),
    ]


def _list(name: str, holding: Holding, content: Json) -> ListAsWritten:
    if holding.trouble.down:
        return ListAsWritten(name=name, state=ListState.FAILED, causes=("it is not available",), kind=KINDS[name])
    if holding.trouble.refuses:
        return ListAsWritten(name=name, state=ListState.WITHHELD, causes=("it refused",), kind=KINDS[name])
    return msgspec.structs.replace(read_list(name, [document(content)]), kind=KINDS[name])


def result_of(key: str, knowledge: Knowledge) -> Reconciliation:
    return reconcile(written(person(key), STORIES), knowledge, NOW.date())


def test_every_story_is_told() -> None:
    assert set(FOUND) == set(KEYS)
    assert set(SAID) <= set(KEYS)


@pytest.mark.parametrize("key", KEYS)
def test_the_findings_are_those_of_the_story(key: str, knowledge: Knowledge) -> None:
    result = result_of(key, knowledge)
    medicine = {row.id: row.medicine for row in result.rows}
    found = [d for d in result.discrepancies if d.rule != "uncoded"]
    shown = [(d.rule, d.severity, medicine[d.row] if d.row else None) for d in found]
    assert shown == FOUND[key], [d.message for d in found]
    said = " ".join(d.message for d in found)
    for words in SAID.get(key, ()):
        assert words in said


@pytest.mark.parametrize("key", KEYS)
def test_the_roles_and_states_are_those_of_the_organisations(key: str, knowledge: Knowledge) -> None:
    result, one = result_of(key, knowledge), person(key)
    assert [r.role.value for r in result.lists] == ["pre-admission", "discharge", "supply"]
    troubled = {"gp": one.gp.trouble, "hospital": one.hospital.trouble, "pharmacy": one.pharmacy.trouble}
    broken = {name for name, t in troubled.items() if t.down or t.refuses or t.loses_pages}
    assert {r.name for r in result.lists if r.state is not ListState.COMPLETE} == broken


def test_an_anticoagulant_needs_a_second_check(knowledge: Knowledge) -> None:
    for key in ("hargreaves", "wainwright"):
        first = result_of(key, knowledge).discrepancies[0]
        assert (first.severity, first.second_check) == (3, True)


def test_the_misspelt_name_is_read_and_says_so(knowledge: Knowledge) -> None:
    result = result_of("castellano", knowledge)
    rows = {row.medicine: row for row in result.rows}
    assert rows["furosemide"].level is MatchLevel.SPELLING
    assert {e.partition("/")[0] for e in rows["furosemide"].entries} == {"gp", "hospital", "pharmacy"}


def test_brands_stand_beside_their_generics(knowledge: Knowledge) -> None:
    """Losec, Istin, Tildiem LA and Fostair each share a row with the generic name."""
    result = result_of("fairbairn", knowledge)
    assert len(result.rows) == 4
    assert all({"gp", "hospital"} <= {e.partition("/")[0] for e in row.entries} for row in result.rows)
    assert [n.cause for n in result.not_evaluated if n.rule == "dose-differs"] == [
        "amounts could not be compared, a strength or amount is missing or forms or routes differ: diltiazem"
    ]


def test_nothing_is_said_of_a_list_that_did_not_arrive(knowledge: Knowledge) -> None:
    for key, name in (("nakamura", "pharmacy"), ("delacroix", "gp"), ("macallister", "pharmacy")):
        result = result_of(key, knowledge)
        claims = {d.rule for d in result.discrepancies if f"{name}#state" in d.evidence}
        assert claims == {"source-incomplete"}
    causes = {n.rule: n.cause for n in result_of("delacroix", knowledge).not_evaluated}
    assert {"omission", "new-no-indication", "stop-no-reason"} <= set(causes)


@pytest.mark.parametrize("key", KEYS)
def test_messages_are_sentences_without_jargon(key: str, knowledge: Knowledge) -> None:
    for one in result_of(key, knowledge).discrepancies:
        for text in (one.message, one.settle):
            assert re.fullmatch(r"\S.*\S\.", text), text
            assert not re.search(r"\b(None|null|nan|Resource|MedicationRequest|FHIR|quarantined|PRN|\d+\.0)\b", text), (
                text
            )
