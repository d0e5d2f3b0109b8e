"""A patient's list from a FHIR server's search: the Patient, then every type the server offers, all at once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from gateway.records.lists import ListState
from gateway.sources.attempt import MEDICINES, Attempt
from gateway.sources.capabilities import Capabilities, capabilities
from gateway.sources.identity import WrongPatient, of_others, the_patient
from gateway.sources.pages import Tree, check_status, read_resource
from gateway.sources.problem import SourceProblem
from gateway.sources.search import first_page, parameters_of, search
from gateway.sources.source import Kind, Stage

#: More Medications than this that did not come along are not read one by one.
MOST_READS = 100

#: What helps to judge a list and is no part of it: its absence is said and leaves the list as it is.
_OPTIONAL = frozenset({"Observation"})

Searches = Mapping[str, Mapping[str, str]]


async def fetch_by_search(attempt: Attempt, searches: Searches) -> None:
    """Fill the attempt; `searches` gives for each type its parameters beside the patient.

    Raises SourceProblem where nothing of the list can be had: nobody or several with the number, no type of medicines.
    """
    offered, patient_id = await asyncio.gather(capabilities(attempt), _find(attempt))
    await attempt.report(Stage.FOUND_PATIENT, "The patient was found")
    wanted = _wanted(attempt, searches, offered)
    results = await asyncio.gather(*(_one(attempt, kind, searches[kind], patient_id) for kind in wanted))
    await _medications(attempt, [one for found in results for one in found])
    if not attempt.any_medicines:
        state = ListState.WITHHELD if set(attempt.states) == {ListState.WITHHELD} else ListState.FAILED
        raise SourceProblem("no list of medicines was received", state)


async def _find(attempt: Attempt) -> str:
    number = f"{attempt.query.system}|{attempt.query.identifier}"
    answer, page = await first_page(attempt, "Patient", (("identifier", number),))
    if page.took_nothing and of_others(page.resources, attempt.query):
        # It says itself that it took no parameter, and answered with everybody: nothing of that is looked at further.
        attempt.transport.ignores_forms = True
        answer, page = await first_page(attempt, "Patient", (("identifier", number),))
    patient_id = the_patient(page.resources, attempt.query)
    if page.next is not None:
        raise SourceProblem("it announced more patients with this identifier; nothing of them was used")
    attempt.keep(answer, "Patient/_search")
    return patient_id


def _wanted(attempt: Attempt, searches: Searches, offered: Capabilities | None) -> list[str]:
    if offered is None:
        # Of a server that says nothing of itself only what decides about medicines is asked.
        return [kind for kind in searches if kind not in _OPTIONAL]
    if attempt.fhir_version is None:
        attempt.fhir_version = offered.fhir_version
    wanted = [kind for kind in searches if kind in offered.searchable]
    if not set(wanted) & set(MEDICINES):
        raise SourceProblem("it says of itself that it offers no list of medicines")
    if "AllergyIntolerance" not in wanted:
        attempt.warnings.append("It offers no allergies.")
    # A pharmacy has none to offer; of a hospital it must be said, because its patients are then missed by the audits.
    if "Condition" not in wanted and attempt.transport.source.kind is Kind.HOSPITAL:
        attempt.warnings.append("It offers no conditions, so its record puts the patient into no audit.")
    return wanted


async def _one(attempt: Attempt, kind: str, more: Mapping[str, str], patient_id: str) -> tuple[Tree, ...]:
    try:
        found = await search(attempt, kind, parameters_of(patient_id, more), patient_id)
    except WrongPatient:
        raise
    except SourceProblem as problem:
        if kind in _OPTIONAL:
            attempt.warnings.append(f"Test results were not received: {problem.words}.")
        else:
            attempt.note(problem, kind)
        return ()
    if kind in MEDICINES:
        await attempt.report(Stage.RECEIVED, f"{kind} received")
    return found


async def _medications(attempt: Attempt, resources: Iterable[Tree]) -> None:
    """Medications that are referred to and did not come along, read by their address on this server."""
    held = list(resources)
    there = {str(one.get("id")) for one in held if one.get("resourceType") == "Medication"}
    absent = sorted(_medication_ids(held) - there)
    for_reading, rest = absent[:MOST_READS], absent[MOST_READS:]
    if rest:
        attempt.note(SourceProblem(f"{len(rest)} Medications more than {MOST_READS} were not read"))
    await asyncio.gather(*(_medication(attempt, one) for one in for_reading))


def _medication_ids(resources: Iterable[Tree]) -> set[str]:
    found = set()
    for one in resources:
        both = one.get("medication")  # R5: one element for code and reference
        reference = both.get("reference") if isinstance(both, dict) else one.get("medicationReference")
        target = reference.get("reference") if isinstance(reference, dict) else None
        if isinstance(target, str):
            parts = target.split("/_history/")[0].split("/")
            # Only relative references: one to another server is not followed, and quarantines its item.
            if len(parts) == 2 and parts[0] == "Medication" and parts[1].replace("-", "").replace(".", "").isalnum():
                found.add(parts[1])
    return found


async def _medication(attempt: Attempt, one: str) -> None:
    # What does not come stays an unresolved reference: the reader quarantines its item, in words.
    try:
        answer = await attempt.ask("GET", f"Medication/{one}")
        check_status(answer, "Medication")
        if (await read_resource(answer, "Medication")).get("resourceType") == "Medication":
            attempt.keep(answer, f"Medication/{one}")
    except SourceProblem as problem:
        attempt.note(problem, "a Medication")
