"""Any FHIR server of STU3, R4 or R5, asked by search for what every server that keeps medicines has.

No `_include`, no List: servers answer a parameter they do not know with everything, or with nothing. Medications are
read by reference. The three versions have the same search parameters for what is asked here.
"""

from __future__ import annotations

from gateway.sources.attempt import Attempt
from gateway.sources.by_search import fetch_by_search
from gateway.sources.source import Dialect
from gateway.sources.wanted import observation_codes

_VERSION = {Dialect.GENERIC_STU3: "3.0", Dialect.GENERIC_R4: "4.0", Dialect.GENERIC_R5: "5.0"}


def searches() -> dict[str, dict[str, str]]:
    return {
        "MedicationStatement": {},
        "MedicationRequest": {},
        "MedicationDispense": {},
        "AllergyIntolerance": {},
        "Encounter": {},
        "Condition": {},
        "Observation": {"code": observation_codes()},
    }


async def fetch(attempt: Attempt) -> None:
    """Fill the attempt. Raises SourceProblem where nothing of the list can be had."""
    await fetch_by_search(attempt, searches())
    attempt.fhir_version = attempt.fhir_version or _VERSION.get(attempt.transport.source.dialect)
