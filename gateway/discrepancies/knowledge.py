"""The shapes of mappings/discrepancies: what a reviewer may write there, and nothing else."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct, field


class Review(Struct, frozen=True, forbid_unknown_fields=True):
    """`drafted` or `reviewed`, by whom and when."""

    state: str
    by: str | None = None
    date: str | None = None


class Grade(Struct, frozen=True, forbid_unknown_fields=True):
    """A severity that a rule may give a finding, with why."""

    severity: int
    why: str


class Severity(Struct, frozen=True, forbid_unknown_fields=True):
    """`base`, `critical` for a medicine on the critical list, and the grades that the rule names itself."""

    base: int
    critical: int | None = None
    grades: dict[str, Grade] = {}


class Rule(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One rule as the catalogue shows it. `scope` is `between` lists or `within` one list."""

    id: str
    number: int
    words: str
    condition: str
    severity: Severity
    scope: str
    needs: tuple[str, ...]
    source: str
    review: Review | None = None


class Block(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every file of knowledge begins with."""

    block: str
    source: str
    review: Review


class RulesFile(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pack: str
    data: dict[str, str]
    rules: tuple[Rule, ...]


class Absorb(Struct, frozen=True, forbid_unknown_fields=True):
    """`by` replaces each of `absorbs` on the same `row`, or where they share an entry (`where`: row, entries).

    all-entries: where it holds every entry of theirs.
    """

    by: str
    absorbs: tuple[str, ...]
    where: str
    why: str
    lowers: bool = False


class Raise(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule without findings of its own: it raises `findings` that concern a medicine of `medicine_class`."""

    rule: str
    medicine_class: str = field(name="class")
    findings: tuple[str, ...]
    severity: int
    second_check: bool


class Absorbs(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    absorbs: tuple[Absorb, ...]
    raises: tuple[Raise, ...]


class RatioBand(Struct, frozen=True, forbid_unknown_fields=True):
    low: Decimal
    high: Decimal
    words: str


class Thresholds(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`dose_difference_share` is a share of the larger daily amount; `stale_after_days` None: no limit is set."""

    dose_difference_share: Decimal
    tenfold_ratios: tuple[RatioBand, ...]
    stale_after_days: int | None
    not_critical_by: tuple[str, ...]
    systemic_kinds: tuple[str, ...]
    appliance_severity: int
    code_systems: tuple[str, ...]
    degraded_codes: tuple[str, ...]
    currency_days: int
    supply_times: int
    apart_forms: tuple[str, ...]
    old_supply_days: int


class DuplicateClass(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`classes` are names of the vocabulary's classes; see the comments in duplicate_classes.yaml."""

    id: str
    words: str
    classes: tuple[str, ...]
    severity: int
    across_lists: bool = False
    switch: bool = False
    only_release: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()


class DuplicateClasses(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    classes: tuple[DuplicateClass, ...]
    not_members: dict[str, tuple[str, ...]]


class ChangeWords(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Regular expressions over lower-case text."""

    dose_change: tuple[str, ...]
    no_dose_change: tuple[str, ...]
    stop_reason: tuple[str, ...]
    no_reason: tuple[str, ...]
    restart_plan: tuple[str, ...]
    replaces: tuple[str, ...]
    restarted: tuple[str, ...]
    denied: tuple[str, ...]


class AllergyGroup(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`members` are ingredients, `classes` names of the vocabulary's classes.

    `spread`: an allergy to one member counts for every member; otherwise only the group as recorded does.
    """

    id: str
    words: str
    names: tuple[str, ...]
    members: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    spread: bool = False


class LookAlike(Struct, frozen=True, forbid_unknown_fields=True):
    """A substance `recorded` as an allergen that is known to be chosen in place of the group `meant`."""

    recorded: str
    meant: str
    words: str


class AllergyGroups(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    strip: tuple[str, ...]
    groups: tuple[AllergyGroup, ...]
    look_alikes: tuple[LookAlike, ...]
    nothing: tuple[str, ...]


class Methotrexate(Struct, frozen=True, forbid_unknown_fields=True):
    ingredient: str
    routes: tuple[str, ...]
    mixed_strengths_mg: tuple[Decimal, ...]


class Insulin(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    medicine_class: str = field(name="class")
    device_words: tuple[str, ...]
    abbreviated_unit: str


class PatchInterval(Struct, frozen=True, forbid_unknown_fields=True):
    """Days one patch stays on: of these brands, of these strengths (micrograms an hour), or of the ingredient."""

    ingredient: str
    days: tuple[Decimal, ...]
    brands: tuple[str, ...] = ()
    strengths: tuple[Decimal, ...] = ()


class OpioidPatches(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    medicine_class: str = field(name="class")
    forms: tuple[str, ...]
    intervals: tuple[PatchInterval, ...]


class HighRisk(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    methotrexate: Methotrexate
    insulin: Insulin
    opioid_patches: OpioidPatches


class PlausibleDoses(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pack_sizes: tuple[Decimal, ...]
    pack_units: tuple[str, ...]
    times_a_day_more_than: int
    times_maximum: Decimal
    maximum_mg_a_day: dict[str, Decimal]


class Reason(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A coded reason for a person's decision; `plain` says it to the patient; `note`: the person must add words."""

    code: str
    words: str
    plain: str
    outcomes: tuple[str, ...]
    note: bool = False


class Reasons(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    reasons: tuple[Reason, ...]


class Bounds(Struct, frozen=True, forbid_unknown_fields=True):
    low: Decimal
    high: Decimal


class SiteLimits(Block, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a site file may change: thresholds within bounds; `never_switched_off` names rules, with why."""

    thresholds: dict[str, Bounds]
    never_switched_off: dict[str, str]
