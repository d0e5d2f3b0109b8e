"""The shapes of what the clinical rules know: brands, devices, courses, PINCER, monitoring, the process."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from gateway.discrepancies.knowledge import Block


class MedicineSet(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Medicines by ingredients and classes of the vocabulary, without those in `leave_out`.

    `kinds` of route that count (an unknown kind counts), empty: every kind.
    """

    words: str
    classes: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    leave_out: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


class BrandedMedicine(MedicineSet, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`named` is always, seen or both (see brands.yaml)."""

    named: str
    why: str
    releases: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    not_forms: tuple[str, ...] = ()


class Brands(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    medicines: tuple[BrandedMedicine, ...]


class Device(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`products` are devices of one kind that differ among themselves. Words are normalised words."""

    kind: str
    group: str
    words: tuple[str, ...]
    forms: tuple[str, ...] = ()
    products: tuple[str, ...] = ()


class DeviceMedicine(MedicineSet, frozen=True, kw_only=True, forbid_unknown_fields=True):
    group: str
    grade: str | None = None


class Devices(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`brands` says the kind of device of brands that come in one only."""

    devices: tuple[Device, ...]
    brands: dict[str, str]
    medicines: tuple[DeviceMedicine, ...]


class ShortCourse(MedicineSet, frozen=True, kw_only=True, forbid_unknown_fields=True):
    only_new: bool = False


class Courses(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Expressions are over lower-case text."""

    carry_over: tuple[MedicineSet, ...]
    short_courses: tuple[ShortCourse, ...]
    long_term_after_days: int
    at_night_for_prevention: tuple[str, ...]
    long_term: tuple[str, ...]
    ends: tuple[str, ...]
    no_end: tuple[str, ...]
    steps: tuple[str, ...]
    not_steps: tuple[str, ...]
    schedule: tuple[str, ...]
    schedule_elsewhere: tuple[str, ...]


class Coded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A condition or test by codes and by expressions over normalised words; ICD-10 and Read by how a code begins.

    `past`: a condition that is over still counts.
    """

    words: str
    past: bool = False
    snomed: tuple[str, ...] = ()
    loinc: tuple[str, ...] = ()
    icd10: tuple[str, ...] = ()
    read: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    not_patterns: tuple[str, ...] = ()


class Indicator(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One hazard: a medicine of each set in `of` is taken, none of `without`, at `min_age` years or over.

    `condition` or a `test` under `below` must be recorded where they are named. `still`: what only a list from before
    admission has, and the hospital left unsaid, counts too.
    """

    id: str
    of: tuple[str, ...]
    says: str
    without: str | None = None
    min_age: int | None = None
    grade: str | None = None
    still: bool = False
    condition: str | None = None
    test: str | None = None
    below: Decimal | None = None


class Pincer(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    sets: dict[str, MedicineSet]
    drugs: tuple[Indicator, ...]
    conditions: tuple[Indicator, ...]
    condition_sets: dict[str, Coded]
    not_conditions: tuple[str, ...]
    tests: dict[str, Coded]


class Monitored(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Each of `tests` is due at least every `within_days`."""

    ingredient: str
    tests: tuple[str, ...]
    within_days: int


class Monitoring(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    medicines: tuple[Monitored, ...]
    tests: dict[str, Coded]


class GpList(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    kinds: tuple[str, ...]
    codes: tuple[str, ...]
    names: tuple[str, ...]


class RuleLists(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    gp: GpList
    acute_types: tuple[str, ...]
    dosage_changed: tuple[str, ...]


class ProcessLimit(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`since` is admission or discharge, `done` a field of ProcessTimes, `task` in words what is to be done."""

    id: str
    words: str
    since: str
    done: str
    hours: int
    source: str
    task: str


class ProcessLimits(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    flags: tuple[ProcessLimit, ...]
    stay_classes: tuple[str, ...]


class Clinical(Struct, frozen=True, kw_only=True):
    """All of it, in a rule pack."""

    brands: Brands
    devices: Devices
    courses: Courses
    pincer: Pincer
    monitoring: Monitoring
    lists: RuleLists
    process: ProcessLimits
