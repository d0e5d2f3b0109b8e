"""Which entries are the same medicine."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class MatchLevel(StrEnum):
    """How surely two entries are the same medicine, best to worst. No level joins two different ingredient sets."""

    SAME_PRODUCT = "same-product"
    SAME_GENERIC = "same-generic"
    SAME_INGREDIENTS = "same-ingredients"
    SPELLING = "spelling"
    CONFIRMED = "confirmed"
    SINGLE = "single"
    APART = "apart"

    @classmethod
    def worst(cls, *levels: MatchLevel) -> MatchLevel:
        order = list(cls)
        return max(levels, key=order.index, default=cls.SINGLE)


class Match(Struct, frozen=True):
    """How two products relate, with reasons in plain words. `suggestion` asks a person."""

    level: MatchLevel
    reasons: tuple[str, ...] = ()
    suggestion: bool = False


class Row(Struct, frozen=True, kw_only=True):
    """One medicine over all lists: one ingredient set by one kind of route.

    `entries` are entry ids in order; `lines` pair them, at most one entry of each list in a line. `ingredients` is
    empty where no entry's name was understood. `kind_of_route` is systemic, topical, inhaled, eye ... or None.
    """

    id: str
    medicine: str
    entries: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    level: MatchLevel
    reasons: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    kind_of_route: str | None = None


class Suggestion(Struct, frozen=True):
    """A possible match that the gateway will not make by itself. `similarity` is 0 to 100."""

    entries: tuple[str, ...]
    why: str
    similarity: int


class Matching(Struct, frozen=True):
    rows: tuple[Row, ...]
    suggestions: tuple[Suggestion, ...]
