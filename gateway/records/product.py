"""What is prescribed."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from gateway.records.as_written import Coding

KNOWN_BY = ("code", "name", "brand", "spelling", "confirmed", "text")


class Strength(Struct, frozen=True, omit_defaults=True):
    """Amount of one ingredient: 5 mg; 5 mg per 5 ml (`per_value` 5, `per_unit` "ml"); 100 micrograms per dose.

    `unit` and `per_unit` are canonical units of the vocabulary; the value is as written, without trailing zeros.
    `ingredient` is None when the text does not say which ingredient of a combination it belongs to.
    """

    value: Decimal
    unit: str
    per_value: Decimal | None = None
    per_unit: str | None = None
    ingredient: str | None = None


class Product(Struct, frozen=True, kw_only=True):
    """A medicine as understood. `ingredients` is sorted, canonical names of the vocabulary; empty when not understood.

    `known_by` says on what ground: code, name, brand, spelling (one corrected letter), confirmed (a person
    said how this name is to be read; `confirmed` says who, by role, and when), or text (nothing understood).
    Salts that are equivalent do not change the ingredient but are kept in `salts`; a salt that is not equivalent is an
    ingredient of its own. `corrected` holds (as written, as read) for each misspelt word.
    `presentation` are words that part products of one strength and form: sugar free, with device, the size of a pen or
    vial (3 ml), the parts of a mixed insulin (30/70).
    `codes` are as written; `replaced` the current codes of those that a loaded release has retired.
    `contradictions` are plain sentences about codings or text of one concept that name different things.
    """

    name: str
    ingredients: tuple[str, ...] = ()
    brand: str | None = None
    strengths: tuple[Strength, ...] = ()
    form: str | None = None
    release: str | None = None
    release_hours: int | None = None
    route: str | None = None
    device: str | None = None
    salts: tuple[str, ...] = ()
    presentation: tuple[str, ...] = ()
    codes: tuple[Coding, ...] = ()
    replaced: tuple[Coding, ...] = ()
    known_by: str = "text"
    corrected: tuple[tuple[str, str], ...] = ()
    confirmed: str | None = None
    contradictions: tuple[str, ...] = ()
    appliance: bool = False

    @property
    def understood(self) -> bool:
        return bool(self.ingredients)

    @property
    def codes_now(self) -> tuple[Coding, ...]:
        """As written, and what replaced them."""
        return self.codes + self.replaced
