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


class Match(Struct, frozen=True, gc=False):
    """How two products relate, with reasons in plain words. `suggestion` asks a person."""

    level: MatchLevel
    reasons: tuple[str, ...] = ()
    suggestion: bool = False


class ConfirmedAlias(Struct, frozen=True, kw_only=True):
    """A person's word on how a name that the gateway cannot read is to be read.

    `written` is the whole name as normalised words; `read_as` is another name, which must read as `ingredients` (sorted
    names of the vocabulary), or the alias is not honoured. `organisation` is the name of the one list (source) that it
    holds for, None for all. `version` counts what was confirmed for this name and scope; only the newest may stand.
    `at` and `reversed_at` are ISO 8601; `by` and `reversed_by` are accounts.
    """

    id: str
    written: str
    read_as: str
    ingredients: tuple[str, ...]
    organisation: str | None = None
    version: int = 1
    by: str = ""
    role: str = ""
    at: str = ""
    reason: str = ""
    standing: bool = True
    reversed_by: str | None = None
    reversed_role: str | None = None
    reversed_at: str | None = None
    reversed_reason: str | None = None

    @property
    def words(self) -> str:
        """Who confirmed it, by role, and when: for the reasons of a match."""
        where = f" for {self.organisation}" if self.organisation else ""
        return f'"{self.written}" confirmed as {self.read_as} by a {self.role} on {self.at[:10]}{where}'


class Row(Struct, frozen=True, gc=False):
    """One medicine over all lists: one ingredient set by one kind of route.

    `entries` are entry ids in order; `lines` pair them, at most one entry of each list in a line. `ingredients` is
    empty where no entry's name was understood. `kind_of_route` is systemic, topical, inhaled, eye ... or None. `apart`
    names the splits by which a person parted it from other entries of the same medicine.
    """

    id: str
    medicine: str
    entries: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    level: MatchLevel
    reasons: tuple[str, ...] = ()
    ingredients: tuple[str, ...] = ()
    kind_of_route: str | None = None
    apart: tuple[str, ...] = ()


class Suggestion(Struct, frozen=True, gc=False):
    """A possible match that the gateway will not make by itself. `similarity` is 0 to 100."""

    entries: tuple[str, ...]
    why: str
    similarity: int


class Matching(Struct, frozen=True, gc=False):
    rows: tuple[Row, ...]
    suggestions: tuple[Suggestion, ...]
