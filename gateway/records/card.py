"""A metric card: what is counted of what, against which goal; and what came out of it, week by week."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class Where(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which rows count: columns and the values that are meant. `operator` joins several columns."""

    where: dict[str, tuple[str, ...]] = {}
    operator: Literal["AND", "OR"] | None = None


class Exclusion(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    words: str
    filter: Where


class Target(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`value` in the card's unit (a share is 0 to 1)."""

    value: float
    direction: Literal["at-least", "at-most"]


class MetricCard(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="camel"):
    """One card as its JSON file says it; mappings/metric_cards/schema.json is the same in JSON Schema.

    `table` is a table of counted facts. `aggregate`: share (numerator of denominator), count, median or sum of seconds
    of the numerator. Rows that `exclusions` name are in neither. `missing_policy` says what becomes of rows whose value
    is not known: left out, or counted as a failure (in the denominator).
    """

    schema_version: Literal[1]
    metric: str
    title: str
    desc: str
    why: str
    source: str
    table: str
    aggregate: Literal["share", "count", "median", "sum"]
    unit: Literal["share", "count", "minutes"]
    numerator: Where
    denominator: Where = Where()
    exclusions: tuple[Exclusion, ...] = ()
    missing: Where | None = None
    missing_policy: Literal["exclude", "count-as-failure"] = "exclude"
    target: Target | None = None
    ci: Literal["wilson", "bootstrap", "none"] = "none"
    suppress_below: int = 5
    origin_split: bool = False
    by: tuple[str, ...] = ()
    order: int = 100


class Point(Struct, frozen=True, kw_only=True):
    """One figure of a card: of a week, of a group or of all. `part` of `n`; `value` None where suppressed or empty."""

    label: str
    value: float | None
    part: int
    n: int
    low: float | None = None
    high: float | None = None
    suppressed: bool = False
    met: bool | None = None


class CardFigures(Struct, frozen=True, kw_only=True):
    """What a card says now. `change` compares the last whole week with the one before, in words."""

    card: MetricCard
    whole: Point
    weeks: tuple[Point, ...]
    groups: dict[str, tuple[Point, ...]]
    excluded: tuple[tuple[str, int], ...]
    change: str
