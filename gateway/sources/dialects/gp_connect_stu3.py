"""GP Connect Access Record: Structured (STU3): one operation gives the whole record as a Bundle.

The answer is a list only if it holds the List "Medications and medical devices" (SNOMED CT 933361000000108), even an
empty one; GP Connect sends it whenever medicines were asked for.
"""

from __future__ import annotations

import json

from gateway.fhir.elements import trees
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER
from gateway.sources.attempt import Attempt
from gateway.sources.identity import check_subjects, the_patient
from gateway.sources.pages import Tree, check_status, read_page
from gateway.sources.problem import SourceProblem, Unsupported
from gateway.sources.source import Stage

OPERATION = "Patient/$gpc.getstructuredrecord"
MEDICATION_LIST = "933361000000108"


async def fetch(attempt: Attempt) -> None:
    """Fill the attempt. Raises SourceProblem where the operation gives no list of medicines."""
    if attempt.query.system != NHS_NUMBER:
        raise SourceProblem("GP Connect asks by NHS number only, and this site identifies patients otherwise")
    body = json.dumps(question(attempt.query.identifier)).encode()
    answer = await attempt.ask("POST", OPERATION, body=body, headers={"Content-Type": "application/fhir+json"})
    try:
        check_status(answer, "the structured record")
    except Unsupported:
        raise SourceProblem(
            "it does not know this patient, or has no structured record", status=answer.status
        ) from None
    try:
        page = await read_page(answer, "the structured record")
    except SourceProblem:
        attempt.keep(answer, OPERATION, usable=False)
        raise
    patient_id = the_patient(page.resources, attempt.query)
    await attempt.report(Stage.FOUND_PATIENT, "The patient was found")
    check_subjects(page.resources, patient_id, attempt.query)
    if not any(_is_medication_list(one) for one in page.resources):
        attempt.keep(answer, OPERATION, usable=False)
        raise SourceProblem("its record holds no list of medicines")
    if page.outcomes:
        attempt.note(SourceProblem(f"it reported a problem ({', '.join(page.outcomes)})"))
    if page.next is not None:
        attempt.note(SourceProblem("it announced a further page, which this operation does not have"))
    attempt.keep(answer, OPERATION)
    attempt.received |= {"MedicationStatement"}
    await attempt.report(Stage.RECEIVED, "The structured record was received")


def question(nhs_number: str) -> Tree:
    """The operation's Parameters: medicines with their issues, and allergies with resolved ones."""
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": "patientNHSNumber", "valueIdentifier": {"system": NHS_NUMBER, "value": nhs_number}},
            {"name": "includeAllergies", "part": [{"name": "includeResolvedAllergies", "valueBoolean": True}]},
            {"name": "includeMedication", "part": [{"name": "includePrescriptionIssues", "valueBoolean": True}]},
        ],
    }


def _is_medication_list(one: Tree) -> bool:
    codes = [c.get("code") for concept in trees(one.get("code")) for c in trees(concept.get("coding"))]
    return one.get("resourceType") == "List" and MEDICATION_LIST in codes
