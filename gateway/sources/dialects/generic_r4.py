"""Any R4 server, asked by search for what every server that keeps medicines has; Medications are read by reference.

No `_include`, no List: servers answer a parameter they do not know with everything, or with nothing.
"""

from __future__ import annotations

from gateway.sources.attempt import Attempt
from gateway.sources.by_search import fetch_by_search

SEARCHES: dict[str, dict[str, str]] = {
    "MedicationStatement": {},
    "MedicationRequest": {},
    "MedicationDispense": {},
    "AllergyIntolerance": {},
    "Encounter": {},
    "Condition": {},
}


async def fetch(attempt: Attempt) -> None:
    """Fill the attempt. Raises SourceProblem where nothing of the list can be had."""
    await fetch_by_search(attempt, SEARCHES)
