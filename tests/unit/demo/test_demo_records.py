"""The demo's R4 records are R4: a strict server takes them, each under an id of its own."""

from __future__ import annotations

import datetime as dt

import pytest
from fhir.resources.R4B import get_fhir_model_class

from gateway.demo.load import transaction
from gateway.demo.records_r4 import Tree, hospital_records, pharmacy_records
from gateway.demo.stories import StoryPatient, load_stories

STORIES = load_stories()
NOW = dt.datetime(2026, 11, 22, 9, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize("one", STORIES.patients, ids=[one.key for one in STORIES.patients])
def test_a_persons_records_are_valid_and_do_not_overwrite_each_other(one: StoryPatient) -> None:
    for resources in (hospital_records(one, STORIES, NOW), pharmacy_records(one, NOW)):
        for resource in resources:
            get_fhir_model_class(resource["resourceType"]).model_validate(resource)
        assert len({place(resource) for resource in resources}) == len(resources)


def test_no_two_people_share_a_record() -> None:
    places = [place(r) for one in STORIES.patients for r in hospital_records(one, STORIES, NOW)]
    assert len(set(places)) == len(places)


def test_a_transaction_puts_each_resource_under_its_own_id() -> None:
    made = transaction("http://hospital:8080/fhir", hospital_records(STORIES.patients[0], STORIES, NOW))
    get_fhir_model_class("Bundle").model_validate(made)
    assert made["type"] == "transaction"
    for entry in made["entry"]:
        assert entry["request"] == {"method": "PUT", "url": place(entry["resource"])}
        assert entry["fullUrl"] == f"http://hospital:8080/fhir/{place(entry['resource'])}"


def place(resource: Tree) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
