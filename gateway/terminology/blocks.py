"""The shape of the YAML blocks under mappings/terminology/. An unknown key is an error, so no slip is silent."""

from __future__ import annotations

from msgspec import Struct


class Review(Struct, frozen=True, forbid_unknown_fields=True):
    """`state` is drafted until a pharmacist signs the block: reviewed, by whom, on what day."""

    state: str
    by: str | None = None
    date: str | None = None


class BrandBlock(Struct, frozen=True, forbid_unknown_fields=True):
    """A brand and what its name alone fixes.

    `forms` (names of forms, or their groups) are those in which the name means this substance, where in another form
    it means another, or one we do not know: Priadel tablets are lithium carbonate, Priadel liquid is lithium citrate.
    """

    name: str
    forms: tuple[str, ...] = ()
    form: str | None = None
    release: str | None = None
    release_hours: int | None = None
    route: str | None = None
    device: str | None = None


class SubstanceBlock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`also` are other names of the same substance, `salts` written salts that are equivalent to it.

    A salt that is not equivalent is a substance of its own with the same `base`.
    """

    name: str
    also: tuple[str, ...] = ()
    salts: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    base: str | None = None
    brands: tuple[str | BrandBlock, ...] = ()


class CombinationBlock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`ingredients` in the order in which their strengths are written."""

    ingredients: tuple[str, ...]
    name: str | None = None
    also: tuple[str, ...] = ()
    brands: tuple[str | BrandBlock, ...] = ()


class SubstancesFile(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    block: str
    source: str
    review: Review
    ingredients: tuple[SubstanceBlock, ...] = ()
    combinations: tuple[CombinationBlock, ...] = ()
    appliances: tuple[str, ...] = ()
    emollients: tuple[str, ...] = ()
    foods: tuple[str, ...] = ()


class CriticalBlock(Struct, frozen=True, forbid_unknown_fields=True):
    source: str
    classes: tuple[str, ...]
    ingredients: tuple[str, ...]


class ClassesFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    classes: dict[str, str]
    critical: CriticalBlock


class UnitBlock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    words: tuple[str, ...]
    dimension: str | None = None
    factor: str = "1"


class UnitsFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    units: tuple[UnitBlock, ...]


class RouteBlock(Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    kind: str
    words: tuple[str, ...]
    codes: tuple[str, ...]


class RoutesFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    routes: tuple[RouteBlock, ...]


class FormBlock(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    name: str
    words: tuple[str, ...]
    release: str | None = None
    routes: tuple[str, ...] = ()
    unit: str | None = None
    device: str | None = None
    group: str | None = None


class FormsFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    forms: tuple[FormBlock, ...]
    release_words: dict[str, tuple[str, ...]]
    release_words_of_solid_forms: dict[str, tuple[str, ...]]
    release_hours: dict[int, tuple[str, ...]]


class ConfusableFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    pairs: tuple[tuple[str, str], ...]


class SuppliersFile(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    suppliers: tuple[str, ...]


class CodeSystemsFile(Struct, frozen=True, forbid_unknown_fields=True):
    """`systems`: dmd, rxnorm or ndc -> the systems under which records write its codes."""

    block: str
    source: str
    review: Review
    systems: dict[str, tuple[str, ...]]
