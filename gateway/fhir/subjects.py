"""Whose items these are. A list that names more than one patient is used for nobody, unless one was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.fhir.context import patient as read_patient
from gateway.fhir.elements import Tree, text, tree
from gateway.fhir.items import KINDS, Unusable, canonical, identity
from gateway.fhir.resolve import References
from gateway.records.lists import PatientIdentity
from gateway.records.nhs_number import compact, is_valid

_ABOUT = (*KINDS, "MedicationAdministration", "AllergyIntolerance", "Encounter", "Condition", "Observation")


class Subjects:
    """Patients of a list and the items that refer to them."""

    def __init__(self, resources: Sequence[tuple[Tree, str | None]], references: References) -> None:
        self._references = references
        self._patients: dict[str, tuple[PatientIdentity, tuple[str, ...]]] = {}
        self._ambiguous = False
        seen: dict[str, bytes] = {}
        for one, _ in resources:
            if one["resourceType"] == "Patient":
                name = identity(one)
                content = canonical(one)
                if seen.setdefault(name, content) != content:
                    self._ambiguous = True
                self._patients[name] = read_patient(one)
        self._keys = {id(one): self._key(one) for one, _ in resources if one["resourceType"] in _ABOUT}
        self._named = {
            key for one, _ in resources if one["resourceType"] in KINDS and (key := self._keys[id(one)]) is not None
        }
        self._wanted: str | None = None
        self._asked = False

    def _key(self, one: Tree) -> str | None:
        reference = tree(one.get("subject")) or tree(one.get("patient"))
        target = text(reference.get("reference"))
        if target:
            found = self._references(target, one)
            if found is not None and found.get("resourceType") == "Patient":
                return identity(found)
            return "/".join(target.split("/_history/")[0].split("/")[-2:])
        value = text(tree(reference.get("identifier")).get("value"))
        if value:
            owner = [n for n, (p, _) in self._patients.items() if value in {i.code for i in p.identifiers}]
            return owner[0] if len(owner) == 1 else f"identifier {value}"
        return None

    def choose(self, asked: str | None) -> str | None:
        """Settle on one patient; the cause in safe words where that cannot be done."""
        if asked is not None:
            return self._choose_asked(asked)
        if self._ambiguous:
            return "wrong-patient: one Patient id stands for two different patients"
        if len(self._named) > 1:
            return f"wrong-patient: its items are of {len(self._named)} patients; name one with --patient"
        if self._named:
            self._wanted = next(iter(self._named))
            if self._patients and self._wanted not in self._patients and len(self._patients) == 1:
                return "wrong-patient: its items are of another patient than its Patient resource"
            return None
        if len(self._patients) > 1:
            return f"wrong-patient: it holds {len(self._patients)} patients and no item that says which one is meant"
        self._wanted = next(iter(self._patients), None)
        return None

    def _choose_asked(self, asked: str) -> str | None:
        self._asked = True
        number = compact(asked)
        mine = [
            name
            for name, (one, _) in self._patients.items()
            if name in {asked, f"Patient/{asked}"} or (is_valid(number) and one.nhs_number == number)
        ]
        if not mine and asked.removeprefix("Patient/") in {n.removeprefix("Patient/") for n in self._named}:
            mine = [f"Patient/{asked.removeprefix('Patient/')}"]
        if len(mine) != 1:
            return "wrong-patient: it holds nobody, or more than one, with the identifier asked for"
        self._wanted = mine[0]
        return None

    def of_another(self, one: Tree) -> bool:
        """Only where one patient was asked for: whether the item is of somebody else."""
        return self._asked and self._keys.get(id(one)) not in (None, self._wanted)

    def check(self, one: Tree) -> None:
        """Raises Unusable for an item that names no patient. A dispense may, in FHIR, leave that to its Bundle."""
        if self._keys[id(one)] is None and not (one["resourceType"] == "MedicationDispense" and not self._asked):
            raise Unusable("it does not say which patient it is about")

    def chosen(self) -> list[tuple[PatientIdentity, tuple[str, ...]]]:
        if self._wanted is None:
            return []
        found = self._patients.get(self._wanted)
        return [found] if found else [(PatientIdentity(resource=self._wanted), ())]
