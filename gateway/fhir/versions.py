"""Which FHIR version a document is in, told by what it says of itself or by its shape; never by whether it validates.

45 of 101 real GP Connect Bundles fail validation as STU3, while 43 of those have no bad medication entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from gateway.fhir.elements import Tree, many, text, tree, trees

STU3, R4, R5 = "3.0", "4.0", "5.0"

_KINDS = {"MedicationStatement", "MedicationRequest", "MedicationDispense", "MedicationAdministration"}
_OF_STU3 = frozenset({"taken", "reasonNotTaken", "definition", "notDone"})
_OF_R4 = frozenset({"statusReason", "reportedBoolean", "reportedReference", "doNotPerform", "courseOfTherapyType"})
_OF_R5 = frozenset({"adherence", "renderedDosageInstruction", "effectiveTiming"})
_DOSE_OF_STU3 = frozenset({"doseQuantity", "doseRange", "doseSimpleQuantity"})


def version_of(resources: Iterable[Tree]) -> str | None:
    """The fuller version where a CapabilityStatement states one, else 3.0, 4.0 or 5.0; None where nothing tells."""
    votes = {STU3: 0, R4: 0, R5: 0}
    for one in resources:
        if one.get("resourceType") == "CapabilityStatement" and (stated := text(one.get("fhirVersion"))):
            return stated
        for version in _signs(one):
            votes[version] += 1
    # What R4 brought stands in R5 too, so a sign of R5 or STU3 outweighs any number of R4's.
    if votes[R5] or votes[STU3]:
        return R5 if votes[R5] > votes[STU3] else STU3
    return R4 if votes[R4] else None


def _signs(one: Tree) -> Iterator[str]:
    for profile in many(tree(one.get("meta")).get("profile")):
        if isinstance(profile, str) and "/STU3/" in profile:
            yield STU3
    kind = one.get("resourceType")
    if kind in _KINDS:
        yield from _medicine_signs(one)
    elif kind == "AllergyIntolerance":
        if isinstance(one.get("clinicalStatus"), str) or "assertedDate" in one:
            yield STU3
        elif isinstance(one.get("clinicalStatus"), dict):
            yield R4
    elif kind == "Encounter" and isinstance(one.get("class"), list):
        yield R5


def _medicine_signs(one: Tree) -> Iterator[str]:
    if isinstance(one.get("medication"), dict):
        yield R5
    if not _OF_STU3.isdisjoint(one) or (
        "context" in one
        and "subject" in one
        and "encounter" not in one
        and one.get("resourceType") == "MedicationRequest"
    ):
        yield STU3
    if not _OF_R5.isdisjoint(one):
        yield R5
    if not _OF_R4.isdisjoint(one):
        yield R4
    for dosage in trees(one.get("dosage")) + trees(one.get("dosageInstruction")):
        yield from _dosage_signs(dosage)


def _dosage_signs(dosage: Tree) -> Iterator[str]:
    if "doseAndRate" in dosage:
        yield R5 if "asNeeded" in dosage or "asNeededFor" in dosage else R4
    elif not _DOSE_OF_STU3.isdisjoint(dosage):
        yield STU3
    if "asNeeded" in dosage or "asNeededFor" in dosage or isinstance(dosage.get("maxDosePerPeriod"), list):
        yield R5


def same_family(a: str, b: str) -> bool:
    """4.0 and 4.3 are read alike."""
    return a.split(".")[0] == b.split(".")[0]


def stated(value: Any) -> str | None:  # the caller's flag or the endpoint's setting
    """A version a person wrote: stu3, r4, 4.0.1 ... in the form used here."""
    names = {"stu3": STU3, "r3": STU3, "r4": R4, "r4b": "4.3", "r5": R5}
    one = text(value)
    return names.get(one.lower(), one) if one else None
