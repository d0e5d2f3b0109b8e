"""UK Core R4: a hospital's or pharmacy's FHIR server, asked by search."""

from __future__ import annotations

from gateway.sources.attempt import Attempt
from gateway.sources.by_search import fetch_by_search
from gateway.sources.wanted import observation_codes

_COUNT = {"_count": "100"}


def searches() -> dict[str, dict[str, str]]:
    return {
        "MedicationStatement": {"_include": "MedicationStatement:medication", **_COUNT},
        "MedicationRequest": {"_include": "MedicationRequest:medication", **_COUNT},
        "MedicationDispense": {"_include": "MedicationDispense:medication", **_COUNT},
        "AllergyIntolerance": _COUNT,
        "List": {"status": "current", **_COUNT},
        "Encounter": _COUNT,
        "Condition": _COUNT,
        "Observation": {"code": observation_codes(), **_COUNT},
    }


async def fetch(attempt: Attempt) -> None:
    """Fill the attempt. Raises SourceProblem where nothing of the list can be had."""
    await fetch_by_search(attempt, searches())
