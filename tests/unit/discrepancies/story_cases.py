"""The whole-patient stories of tests/cases/stories as typed records, and the FHIR that says what a story says."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from gateway.fhir.read import read_list
from gateway.records.lists import ListAsWritten, ListRole
from tests.fhir_builders import SNOMED, Json, bundle, document, patient
from tests.unit.discrepancies.rule_cases import CaseAllergy, CaseList, CaseMedicine, RuleCase

FOLDER = Path(__file__).parents[2] / "cases" / "stories"


class StoryCondition(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    code: str | None = None


class StoryObservation(Struct, frozen=True, forbid_unknown_fields=True):
    text: str
    value: float
    at: dt.date
    unit: str | None = None


class StoryList(Struct, frozen=True, forbid_unknown_fields=True):
    medicines: tuple[CaseMedicine, ...] = ()
    state: str = "complete"
    allergies: tuple[CaseAllergy, ...] | None = None
    conditions: tuple[StoryCondition, ...] = ()
    observations: tuple[StoryObservation, ...] = ()


class StoryFinding(Struct, frozen=True, forbid_unknown_fields=True):
    """`why` is the pharmacist's; without `medicine` it is about a list or the record as a whole."""

    rule: str
    severity: int
    why: str
    medicine: str | None = None
    second_check: bool = False


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """`expected` is complete but for `uncoded`; `could_not` gives words of the cause by rule."""

    id: str
    born: dt.date
    say: str
    lists: dict[str, StoryList | tuple[CaseMedicine, ...]]
    expected: tuple[StoryFinding, ...]
    could_not: dict[str, str] = {}

    def written(self) -> list[ListAsWritten]:
        given = {n: x if isinstance(x, StoryList) else StoryList(medicines=x) for n, x in self.lists.items()}
        plain = {n: CaseList(medicines=x.medicines, state=x.state, allergies=x.allergies) for n, x in given.items()}
        read = RuleCase(id=self.id, say=self.say, lists=dict(plain)).written()
        return [self._told(one, given[one.name]) for one in read]

    def roles(self) -> dict[str, ListRole]:
        return RuleCase(id=self.id, say=self.say, lists=dict.fromkeys(self.lists, ())).roles()

    def _told(self, one: ListAsWritten, given: StoryList) -> ListAsWritten:
        """With the conditions and test results of the story, read from FHIR as the rest is, and the date of birth."""
        beside = read_list(one.name, [document(bundle(patient(), *_conditions(given), *_observations(given)))])
        born = tuple(msgspec.structs.replace(p, birth_date=self.born.isoformat()) for p in one.patients)
        return msgspec.structs.replace(
            one, patients=born, conditions=beside.conditions, observations=beside.observations
        )


def load_stories() -> list[Story]:
    """Raises msgspec.ValidationError for a story that is misspelt."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(FOLDER.glob("*.yaml"))]
    return [msgspec.convert(one, Story) for text in texts for one in yaml.safe_load(text)]


def _conditions(given: StoryList) -> list[Json]:
    found = []
    for n, one in enumerate(given.conditions):
        codings = [{"system": SNOMED, "code": one.code, "display": one.text}] if one.code else []
        found.append(
            {
                "resourceType": "Condition",
                "id": f"c{n}",
                "clinicalStatus": {"coding": [{"code": "active"}]},
                "code": {"text": one.text, "coding": codings},
                "subject": {"reference": "Patient/p1"},
            }
        )
    return found


def _observations(given: StoryList) -> list[Json]:
    return [
        {
            "resourceType": "Observation",
            "id": f"o{n}",
            "status": "final",
            "code": {"text": one.text},
            "subject": {"reference": "Patient/p1"},
            "effectiveDateTime": one.at.isoformat(),
            "valueQuantity": {"value": one.value} | ({"unit": one.unit} if one.unit else {}),
        }
        for n, one in enumerate(given.observations)
    ]
