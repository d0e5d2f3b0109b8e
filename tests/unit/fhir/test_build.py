"""Whatever a source wrote, what we write is R4: checked by fhir.resources and by R4's own patterns for texts."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.fhir.build import reconciliation_bundle
from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, ListState
from tests.fhir_builders import Json, bundle, document, patient, statement

AT = dt.date(2026, 11, 24)
SNOMED = "http://snomed.info/sct"


@pytest.fixture(scope="module")
def knowledge(tmp_path_factory: pytest.TempPathFactory) -> Knowledge:
    return load_knowledge(Path(tmp_path_factory.mktemp("knowledge")))


def written(knowledge: Knowledge, *resources: Json, **of_bundle: Any) -> dict[str, list[Json]]:
    """The resources of the Bundle by type; raises where it is no R4."""
    one = read_list("gp", [document(bundle(*resources) | of_bundle)])
    tree = json.loads(reconciliation_bundle(reconcile([one], knowledge, AT)))
    found: dict[str, list[Json]] = {}
    for entry in tree["entry"]:
        found.setdefault(entry["resource"]["resourceType"], []).append(entry["resource"])
    return found


def texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("1950-01-01", "1950-01-01"),
        ("1950-01", "1950-01"),
        ("1950", "1950"),
        ("not stated", None),
        ("1950-02-30", None),
        ("1950-13-01", None),
        ("1950-1-1", None),
        ("0000", None),
        ("1950-01-01T00:00:00Z", None),
    ],
)
def test_a_birth_date_that_is_no_date_is_left_out(knowledge: Knowledge, given: str, shown: str | None) -> None:
    (who,) = written(knowledge, patient(born=given), statement("1", "Aspirin 75mg tablets"))["Patient"]
    assert who.get("birthDate") == shown


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("2026-01-05T10:00:00+01:00", "2026-01-05T10:00:00+01:00"),
        ("2026-01-05T10:00:00Z", "2026-01-05T10:00:00Z"),
        ("2026-01-05", "2026-01-05"),
        ("2026-01-05T10:00:00", "2026-01-05"),
        ("2026-01-05T25:00:00Z", "2026-01-05"),
        ("2026-13-45T10:00:00Z", None),
        ("yesterday", None),
    ],
)
def test_a_lists_own_date_never_becomes_today(knowledge: Knowledge, given: str, shown: str | None) -> None:
    """A list that says when it was made, in words nobody can read, must not look as if it were made today."""
    (one,) = written(knowledge, patient(), statement("1", "Aspirin 75mg tablets"), timestamp=given)["List"]
    assert one.get("date") == shown


@pytest.mark.parametrize("field", ["system", "code"])
@pytest.mark.parametrize("value", [" x ", "a  b", "a\nb", "x\u00a0y", "\ufeffx"])
def test_a_coding_that_is_no_coding_is_left_out_and_the_text_stays(
    knowledge: Knowledge, field: str, value: str
) -> None:
    concept = {"coding": [{"system": SNOMED, "code": "319775004"} | {field: value}], "text": "Aspirin 75mg tablets"}
    (one,) = written(knowledge, patient(), statement("1", "", medicationCodeableConcept=concept))["MedicationStatement"]
    assert one["medicationCodeableConcept"] == {"text": "Aspirin 75mg tablets"}


def test_control_characters_stay_visible(knowledge: Knowledge) -> None:
    (one,) = written(knowledge, patient(), statement("1", "Aspi\x07rin", dose="one\x01 daily"))["MedicationStatement"]
    assert one["medicationCodeableConcept"]["text"] == "Aspi\ufffdrin"
    assert one["dosage"][0]["text"] == "one\ufffd daily"


@settings(max_examples=60, deadline=None)
@given(words=st.lists(st.text(max_size=12), min_size=7, max_size=7))
def test_any_words_give_an_r4_bundle(knowledge: Knowledge, words: list[str]) -> None:
    name, family, born, dose, system, code, note = words
    concept = {"coding": [{"system": system, "code": code, "display": name}], "text": name}
    who = patient(family=family, born=born)
    taken = statement("1", "", dose=dose, note=[{"text": note}], medicationCodeableConcept=concept)
    for one in texts(written(knowledge, who, taken)):
        assert one.strip(), "R4 strings are not blank"
        assert re.fullmatch(r"[^\x00-\x08\x0b\x0c\x0e-\x1f]+", one)


def test_a_list_that_did_not_arrive_is_written_as_such(knowledge: Knowledge) -> None:
    lists = [
        read_list("gp", [document(bundle(patient(), statement("1", "Aspirin 75mg tablets")))]),
        ListAsWritten(name="ward", state=ListState.FAILED, causes=("it could not be reached",)),
        ListAsWritten(name="shop", state=ListState.WITHHELD, causes=("it refused",)),
    ]
    tree = json.loads(reconciliation_bundle(reconcile(lists, knowledge, AT)))
    found = {
        r["resource"].get("title"): r["resource"] for r in tree["entry"] if r["resource"]["resourceType"] == "List"
    }
    assert found["ward"]["emptyReason"]["coding"][0]["code"] == "unavailable"
    assert found["shop"]["emptyReason"]["coding"][0]["code"] == "withheld"
    (outcome,) = [r["resource"] for r in tree["entry"] if r["resource"]["resourceType"] == "OperationOutcome"]
    assert sorted(i["diagnostics"] for i in outcome["issue"]) == [
        "The list shop is withheld: it refused",
        "The list ward is failed: it could not be reached",
    ]
