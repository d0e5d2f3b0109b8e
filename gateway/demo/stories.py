"""The invented people of stories.yaml, as typed records."""

from __future__ import annotations

from importlib.resources import files

import msgspec
import yaml
from msgspec import Struct


class Organisation(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    ods: str


class StaffMember(Struct, frozen=True, forbid_unknown_fields=True):
    """An invented person who signs in."""

    account: str
    name: str
    role: str


class CodedCondition(Struct, frozen=True, forbid_unknown_fields=True):
    """SNOMED CT."""

    code: str
    display: str


class StoryName(Struct, frozen=True, forbid_unknown_fields=True):
    prefix: str
    given: str
    family: str


class StoryAllergy(Struct, frozen=True, forbid_unknown_fields=True):
    """`on` names the organisations that know of it."""

    on: tuple[str, ...]
    text: str
    code: str | None = None
    reaction: str | None = None
    criticality: str | None = None
    recorded: str | None = None
    none_known: bool = False


class StoryResult(Struct, frozen=True, forbid_unknown_fields=True):
    """What the hospital measured; `test` names one of `Stories.tests`, `day` counts from today."""

    test: str
    value: float
    day: int


class CodedTest(Struct, frozen=True, forbid_unknown_fields=True):
    """LOINC and UCUM."""

    code: str
    display: str
    unit: str


class StoryMedicine(Struct, frozen=True, forbid_unknown_fields=True, rename={"reason_for": "for"}):
    """Days count from today. `amount` is [value, unit, times, period unit]."""

    name: str
    dose: str
    code: str | None = None
    since: int | None = None
    issued: int | None = None
    handed: int | None = None
    days: int = 28
    status: str = "active"
    reason: str | None = None
    reason_for: str | None = None
    note: str | None = None
    route: str | None = None
    amount: tuple[float, str, int, str] | None = None


class Trouble(Struct, frozen=True, forbid_unknown_fields=True):
    """What an organisation does when asked for this person."""

    down: bool = False
    refuses: bool = False
    loses_pages: bool = False
    slow_s: float = 0.0


class Holding(Struct, frozen=True, forbid_unknown_fields=True):
    """What one organisation holds of a person; `page` is how many resources it sends at a time."""

    medicines: tuple[StoryMedicine, ...]
    trouble: Trouble = Trouble()
    page: int = 50


class StoryPatient(Struct, frozen=True, forbid_unknown_fields=True):
    key: str
    story: str
    nhs_number: str
    name: StoryName
    born: str
    gender: str
    ward: str
    bed: str
    admitted: float
    discharge_in_hours: float
    conditions: tuple[str, ...]
    allergies: tuple[StoryAllergy, ...]
    gp: Holding
    hospital: Holding
    pharmacy: Holding
    results: tuple[StoryResult, ...] = ()


class Visitor(Struct, frozen=True, forbid_unknown_fields=True):
    """Somebody in hospital without an NHS number."""

    key: str
    story: str
    name: StoryName
    born: str
    gender: str
    ward: str
    bed: str
    admitted: float
    discharge_in_hours: float


class Stories(Struct, frozen=True, forbid_unknown_fields=True):
    """`finished` names patients whose stay in hospital is over."""

    organisations: dict[str, Organisation]
    staff: tuple[StaffMember, ...]
    conditions: dict[str, CodedCondition]
    tests: dict[str, CodedTest]
    patients: tuple[StoryPatient, ...]
    visitors: tuple[Visitor, ...] = ()
    finished: tuple[str, ...] = ()


def load_stories() -> Stories:
    """Raises msgspec.ValidationError where the file does not fit: it is ours, so that is a slip of ours."""
    text = files("gateway.demo").joinpath("stories.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Stories)
