"""What a source does wrong becomes the state of its own list, in words, in time, and nobody else's."""

from __future__ import annotations

import asyncio
import logging
import time
import tracemalloc
from collections.abc import Sequence

import pytest

from gateway.records.lists import ListState
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.sources.credentials import Credentials, SignInKind
from gateway.sources.fetch import fetch_all
from gateway.sources.source import Dialect, Fetched, Kind, PatientQuery, Progress, SourceSystem
from tests.integration.fault_server import FAULTS, NHS, FaultServer

COMPLETE, PARTIAL, FAILED, WITHHELD = ListState.COMPLETE, ListState.PARTIAL, ListState.FAILED, ListState.WITHHELD
DEADLINE = 1.5
LOOPBACK = Settings(allowed_networks=("127.0.0.0/8",), source_deadline_s=DEADLINE)

#: fault, state of the list, entries, words that must stand in a cause
CASES: list[tuple[str, ListState, int, str]] = [
    ("healthy", COMPLETE, 3, ""),
    ("packed", COMPLETE, 3, ""),
    ("get-only", COMPLETE, 3, ""),
    ("ignores-forms", COMPLETE, 3, ""),
    ("503-once", COMPLETE, 3, ""),
    ("relative-pages", COMPLETE, 3, ""),
    ("xml-page", COMPLETE, 2, ""),
    ("gone-once", COMPLETE, 3, ""),
    ("everything-down", FAILED, 0, "error of its own (503)"),
    ("503", FAILED, 0, "error of its own (503)"),
    ("429-for-long", FAILED, 0, "asked too often"),
    ("reset", FAILED, 0, "broke off"),
    ("html", FAILED, 0, "HTML"),
    ("truncated", FAILED, 0, "breaks off"),
    ("short-length", FAILED, 0, "broke off"),
    ("bomb", FAILED, 0, "larger than"),
    ("endless", FAILED, 0, "larger than"),
    ("redirect", FAILED, 0, "redirect"),
    ("foreign-next", PARTIAL, 2, "another address"),
    ("next-to-itself", PARTIAL, 1, "circle"),
    ("circle", PARTIAL, 2, "circle"),
    ("second-page-down", PARTIAL, 2, "page 2 of MedicationStatement is missing"),
    ("total-too-high", PARTIAL, 2, "announced 14 and sent 2"),
    ("trickled-body", FAILED, 0, "within 1.5 seconds"),
    ("trickled-head", FAILED, 0, "within 1.5 seconds"),
    ("silence", FAILED, 0, "within 1.5 seconds"),
    ("other-patient", FAILED, 0, "wrong-patient"),
    ("other-allergy", FAILED, 0, "wrong-patient"),
    ("wrong-patient", FAILED, 0, "wrong-patient"),
    ("no-patient", FAILED, 0, "does not know this patient"),
    ("two-patients", FAILED, 0, "2 patients"),
    ("replaced-patient", FAILED, 0, "replaced"),
    ("patient-404", FAILED, 0, "404"),
    ("patient-empty", FAILED, 0, "empty"),
    ("medicines-404", FAILED, 0, "404"),
    ("all-403", WITHHELD, 0, "403"),
    ("medicines-403", WITHHELD, 0, "403"),
    ("allergies-down", PARTIAL, 3, "AllergyIntolerance"),
    ("empty", FAILED, 0, "empty"),
    ("204", FAILED, 0, "nothing instead of"),
    ("outcome", FAILED, 0, "exception"),
    ("lost-filter", FAILED, 0, "without regard to the patient"),
    ("utf-16", FAILED, 0, "UTF-16"),
    ("latin-1", FAILED, 0, "UTF-8"),
]


def system(server: FaultServer, fault: str, name: str = "faulty") -> SourceSystem:
    return SourceSystem(
        name=name,
        organisation="Faulty Hospital",
        kind=Kind.HOSPITAL,
        base_url=server.url(fault),
        dialect=Dialect.UK_CORE_R4,
        fhir_version="4.0",
        credentials=Credentials(kind=SignInKind.BEARER, bearer="secret-token"),
    )


def fetch(*faults: str, settings: Settings = LOOPBACK) -> tuple[tuple[Fetched, ...], FaultServer, list[Progress]]:
    told: list[Progress] = []

    async def on_progress(one: Progress) -> None:
        told.append(one)

    async def run() -> tuple[tuple[Fetched, ...], FaultServer]:
        async with FaultServer() as server:
            sources = [system(server, fault, f"{n}-{fault}") for n, fault in enumerate(faults)]
            return await fetch_all(sources, PatientQuery(identifier=NHS), settings, on_progress), server

    found, server = asyncio.run(run())
    return found, server, told


@pytest.mark.parametrize(("fault", "state", "entries", "words"), CASES, ids=[case[0] for case in CASES])
def test_a_fault_becomes_the_state_of_its_list_and_no_other(
    fault: str, state: ListState, entries: int, words: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    began = time.monotonic()
    (faulty, healthy), _, told = fetch(fault, "healthy")
    took = time.monotonic() - began
    assert (faulty.state, len(faulty.list.entries)) == (state, entries), faulty.causes
    assert words in " | ".join(faulty.causes)
    assert (not faulty.causes) == (state is COMPLETE)
    assert (healthy.state, len(healthy.list.entries)) == (COMPLETE, 3)
    assert healthy.seconds < 1.0
    assert took < DEADLINE + 1.0
    assert {one.source for one in told if one.state is not None} == {f"0-{fault}", "1-healthy"}
    assert_no_number(caplog.messages, faulty, told)


def assert_no_number(messages: Sequence[str], fetched: Fetched, told: Sequence[Progress]) -> None:
    said = [*messages, *fetched.causes, *fetched.list.warnings, *(d.origin for d in fetched.documents)]
    assert not [text for text in (*said, *(one.words for one in told)) if NHS in text]
    assert NHS not in repr(fetched.source)


def test_every_fault_of_the_server_is_in_the_table() -> None:
    assert {case[0] for case in CASES} | {"fresh-pages", "slow"} == set(FAULTS)


def test_pages_without_end_stop_at_the_cap_or_the_deadline() -> None:
    (one,), server, _ = fetch("fresh-pages", settings=Settings(allowed_networks=("127.0.0.0/8",), source_deadline_s=30))
    assert one.state is PARTIAL
    assert "more than 200 pages" in " ".join(one.causes)
    assert sum(1 for asked in server.asked if asked[2] == "MedicationStatement") < 210


def test_nothing_of_another_patient_is_kept() -> None:
    (one,), _, _ = fetch("other-patient")
    assert one.documents == ()
    assert one.list.patients == ()


def test_what_could_not_be_used_is_kept_as_it_came() -> None:
    (one,), _, _ = fetch("html")
    assert any(b"Please sign in" in document.content for document in one.documents)


@pytest.mark.parametrize("fault", ["redirect", "foreign-next"])
def test_nothing_goes_to_another_address_least_of_all_a_credential(fault: str) -> None:
    _, server, _ = fetch(fault)
    assert {asked[0] for asked in server.asked} == {fault}
    assert all("authorization: bearer secret-token" in head.lower() for head in server.heads)


def test_the_nhs_number_stands_in_no_address_where_the_server_takes_posts() -> None:
    _, server, _ = fetch("healthy")
    assert not [head for head in server.heads if NHS in head]


def test_at_most_two_retries() -> None:
    _, server, _ = fetch("503")
    assert sum(1 for asked in server.asked if asked[2].startswith("MedicationStatement")) == 3


def test_a_long_retry_after_is_not_waited_for() -> None:
    (one,), server, _ = fetch("429-for-long")
    assert one.seconds < 0.5
    assert sum(1 for asked in server.asked if asked[2].startswith("MedicationStatement")) == 1


def test_a_gzip_bomb_costs_little_memory() -> None:
    async def run() -> int:
        async with FaultServer() as server:
            settings = Settings(allowed_networks=("127.0.0.0/8",), source_deadline_s=20, max_document_bytes=1024 * 1024)
            source = system(server, "bomb")
            tracemalloc.start()
            (one,) = await fetch_all([source], PatientQuery(identifier=NHS), settings)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert "larger than 1048576 bytes" in " ".join(one.causes)
            return peak

    assert asyncio.run(run()) < 24 * 1024 * 1024


def test_loopback_is_refused_unless_the_site_names_it() -> None:
    (one,), server, _ = fetch("healthy", settings=Settings())
    assert one.state is FAILED
    assert "not in GATEWAY_ALLOWED_NETWORKS" in one.causes[0]
    assert server.asked == []


def test_nobody_listens_there() -> None:
    async def run() -> tuple[Fetched, ...]:
        async with FaultServer() as server:
            gone, there = server.port, system(server, "healthy", "there")
            async with FaultServer() as closed:
                away = SourceSystem(
                    name="away",
                    organisation="Closed",
                    kind=Kind.GP,
                    base_url=closed.url("healthy"),
                    dialect=Dialect.GENERIC_R4,
                )
            assert gone != closed.port
            return await fetch_all([away, there], PatientQuery(identifier=NHS), LOOPBACK)

    away, there = asyncio.run(run())
    assert (away.state, away.causes) == (FAILED, ("it could not be reached",))
    assert there.state is COMPLETE


def test_an_address_that_cannot_be_used_is_a_failed_list() -> None:
    async def run() -> tuple[Fetched, ...]:
        source = SourceSystem(
            name="odd", organisation="Odd", kind=Kind.GP, base_url="ftp://127.0.0.1/", dialect=Dialect.GENERIC_R4
        )
        return await fetch_all([source], PatientQuery(identifier=NHS), LOOPBACK)

    (one,) = asyncio.run(run())
    assert one.state is FAILED
    assert "must begin with https" in one.causes[0]


def test_many_patients_wait_their_turn_and_their_deadline_waits_with_them() -> None:
    """Sixty patients from one source that is slow and takes eight at a time: all whole, none given up."""

    async def run() -> tuple[list[Fetched], list[Progress]]:
        told: list[Progress] = []

        async def on_progress(one: Progress) -> None:
            told.append(one)

        settings = Settings(allowed_networks=("127.0.0.0/8",), source_deadline_s=2.5)
        async with FaultServer() as server, Connections(settings) as connections:
            source = system(server, "slow")
            query = PatientQuery(identifier=NHS)
            each = (fetch_all([source], query, settings, on_progress, connections=connections) for _ in range(60))
            return [one for (one,) in await asyncio.gather(*each)], told

    began = time.monotonic()
    found, told = asyncio.run(run())
    assert {one.state for one in found} == {COMPLETE}
    assert time.monotonic() - began > 2.5  # together far longer than one deadline; the wait is told, and is no failure
    assert max(one.seconds for one in found) < 2.5
    assert any("Waiting until" in one.words for one in told)
