"""Whether what arrived is about the patient who was asked for. One resource of another patient costs the whole list."""

from __future__ import annotations

import re
from collections.abc import Iterable

from gateway.fhir.context import patient as read_patient
from gateway.fhir.elements import trees
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER
from gateway.records.nhs_number import compact
from gateway.sources.pages import Tree
from gateway.sources.problem import SourceProblem
from gateway.sources.source import PatientQuery

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class WrongPatient(SourceProblem):
    """Something of another patient arrived: nothing of the answer may be used or kept."""

    def __init__(self, words: str) -> None:
        super().__init__(f"wrong-patient: {words}")


def the_patient(resources: Iterable[Tree], query: PatientQuery) -> str:
    """The id of the one Patient. Raises SourceProblem for nobody, several, or a replaced one; WrongPatient for another.

    Birth dates are compared as far as both are given.
    """
    patients = [one for one in resources if one.get("resourceType") == "Patient"]
    if not patients:
        raise SourceProblem("it does not know this patient")
    ours = [one for one in patients if query.identifier in _identifiers(one, query.system)]
    if len(ours) != len(patients):
        raise WrongPatient("it answered with a patient who has another identifier")
    ids = {str(one.get("id")) for one in ours}
    if len(ids) != 1:
        raise SourceProblem(f"it holds {len(ids)} patients with this identifier; nothing of them was used")
    patient = ours[0]
    if not _ID.fullmatch(str(patient.get("id"))):
        raise SourceProblem("its patient record has no usable id")
    said = read_patient(patient)[0]
    if said.replaced_by:
        raise SourceProblem("its patient record was replaced by another; it must be looked up there")
    if query.birth_date and said.birth_date and not _agree(query.birth_date, said.birth_date):
        raise WrongPatient("its patient has another birth date")
    return str(patient["id"])


def of_others(resources: Iterable[Tree], query: PatientQuery) -> bool:
    """Whether a Patient is among them who was not asked for."""
    patients = [one for one in resources if one.get("resourceType") == "Patient"]
    return any(query.identifier not in _identifiers(one, query.system) for one in patients)


def check_subjects(resources: Iterable[Tree], patient_id: str, query: PatientQuery) -> None:
    """Raises WrongPatient where a resource names another patient, by reference or by identifier."""
    for one in resources:
        if one.get("resourceType") == "Patient":
            if query.identifier not in _identifiers(one, query.system):
                raise WrongPatient("it sent the record of another patient along")
            continue
        for name in ("subject", "patient"):
            about = one.get(name)
            if isinstance(about, dict) and _another(about, patient_id, query):
                raise WrongPatient("an item of its answer is about another patient")


def _another(about: Tree, patient_id: str, query: PatientQuery) -> bool:
    reference = about.get("reference")
    if isinstance(reference, str) and not reference.startswith(("#", "urn:")):
        parts = reference.split("/_history/")[0].split("/")
        if len(parts) >= 2 and parts[-2] != "Patient":
            return False
        return parts[-1] != patient_id
    identifier = about.get("identifier")
    if isinstance(identifier, dict) and identifier.get("system") == query.system:
        said = str(identifier.get("value"))
        return (compact(said) if query.system == NHS_NUMBER else said) != query.identifier
    return False


def _identifiers(patient: Tree, system: str) -> set[str]:
    """Of this system. In XML one identifier stands alone."""
    found = {str(one.get("value")) for one in trees(patient.get("identifier")) if one.get("system") == system}
    return {compact(one) for one in found} if system == NHS_NUMBER else found


def _agree(a: str, b: str) -> bool:
    return a.startswith(b) or b.startswith(a)
