"""STU3 and R5 servers over the generic dialects: pages, Medications by reference, and what is not taken."""

from __future__ import annotations

import asyncio

import pytest

from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Fetched, Kind, PatientQuery, SourceSystem
from tests.integration.fault_server import NHS
from tests.integration.fhir_server import PAGE, FhirServer, Json, running

SYSTEM = PatientQuery(identifier=NHS).system
VERSIONS = [(Dialect.GENERIC_STU3, "3.0.2"), (Dialect.GENERIC_R5, "5.0.0")]


def statement(number: int, dialect: Dialect, *, by_reference: bool, taken: bool = True) -> Json:
    item: Json = {"resourceType": "MedicationStatement", "id": f"s{number}", "subject": {"reference": "Patient/p1"}}
    concept, reference = {"text": f"Apixaban {number}mg tablets"}, {"reference": "Medication/m1"}
    if dialect is Dialect.GENERIC_R5:
        item |= {"status": "recorded", "medication": {"reference": reference} if by_reference else {"concept": concept}}
        if not taken:
            item["adherence"] = {"code": {"coding": [{"code": "not-taking"}]}}
        return item
    medicine = {"medicationReference": reference} if by_reference else {"medicationCodeableConcept": concept}
    return item | medicine | {"status": "active", "taken": "y" if taken else "n"}


def fetch(dialect: Dialect, version: str, items: list[Json], *, medication: bool = True) -> tuple[Fetched, FhirServer]:
    server = FhirServer(fhir_version=version)
    held: list[Json] = [{"resourceType": "Patient", "id": "p1", "identifier": [{"system": SYSTEM, "value": NHS}]}]
    if medication:
        held.append({"resourceType": "Medication", "id": "m1", "code": {"text": "Ramipril 5mg capsules"}})
    server.held = {f"{one['resourceType']}/{one['id']}": one for one in [*held, *items]}

    async def run() -> Fetched:
        source = SourceSystem(name="other", organisation="Other", kind=Kind.GP, base_url=server.base, dialect=dialect)
        settings = Settings(allowed_networks=("127.0.0.0/8",))
        return (await fetch_all([source], PatientQuery(identifier=NHS), settings))[0]

    with running(server):
        return asyncio.run(run()), server


@pytest.mark.parametrize(("dialect", "version"), VERSIONS)
@pytest.mark.parametrize("count", [PAGE - 1, 2 * PAGE + 2])
def test_every_item_of_every_page_arrives(dialect: Dialect, version: str, count: int) -> None:
    found, _ = fetch(dialect, version, [statement(n, dialect, by_reference=False) for n in range(1, count + 1)])
    assert (found.state, found.causes) == (ListState.COMPLETE, ())
    names = {entry.medicine.concept.text for entry in found.list.entries}
    assert names == {f"Apixaban {n}mg tablets" for n in range(1, count + 1)}


@pytest.mark.parametrize(("dialect", "version"), VERSIONS)
def test_a_medication_by_reference_is_read(dialect: Dialect, version: str) -> None:
    found, server = fetch(dialect, version, [statement(1, dialect, by_reference=True)])
    assert [entry.medicine.concept.text for entry in found.list.entries] == ["Ramipril 5mg capsules"]
    assert "read Medication/m1" in server.calls


@pytest.mark.parametrize(("dialect", "version"), VERSIONS)
def test_a_medication_that_is_not_there_is_never_passed_over(dialect: Dialect, version: str) -> None:
    items = [statement(n, dialect, by_reference=n == 1) for n in (1, 2)]
    found, _ = fetch(dialect, version, items, medication=False)
    assert found.state is ListState.PARTIAL
    assert (len(found.list.entries), len(found.list.quarantined)) == (1, 1)


@pytest.mark.parametrize(("dialect", "version"), VERSIONS)
def test_what_is_not_taken_says_so(dialect: Dialect, version: str) -> None:
    found, _ = fetch(dialect, version, [statement(1, dialect, by_reference=False, taken=False)])
    assert [entry.status for entry in found.list.entries] == ["not-taken"]
