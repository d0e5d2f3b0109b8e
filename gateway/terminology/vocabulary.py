"""The vocabulary that the pure stages receive: frozen, in memory, the same for every patient.

Keys are *normalised words*: `normalise_words` lower-cases, folds accents and punctuation to single spaces. A name may
have one reading only; a name with two meanings stands in neither table and in `ambiguous`.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from functools import lru_cache

from msgspec import Struct

from gateway.terminology.releases import ReleaseLookup


class Name(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a written name means. `kind`: ingredient, synonym, salt, brand, combination, appliance.

    `ingredients` keeps the order in which the strengths of a combination are written (co-codamol 30/500: codeine,
    paracetamol). Form, release, route and device are set where the brand or name implies them. `forms` are the forms
    (or groups of forms) in which a brand means this, if not in all; `others` what it means in other forms.
    """

    written: str
    kind: str
    ingredients: tuple[str, ...]
    salt: str | None = None
    form: str | None = None
    release: str | None = None
    release_hours: int | None = None
    route: str | None = None
    device: str | None = None
    forms: tuple[str, ...] = ()
    others: tuple[Name, ...] = ()


class Ingredient(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`base` joins salts that are *not* equivalent (ferrous sulfate, ferrous fumarate: base iron) for the eye only."""

    name: str
    classes: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    critical: bool = False
    base: str | None = None
    appliance: bool = False


class Form(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`name` is the canonical form, without its release; `form_words` lead to a key `name` or `name|release`.

    `unit` is the dose unit counted (tablet, capsule, ml, puff). `routes` are the usual routes, first the default.
    """

    name: str
    release: str | None = None
    release_hours: int | None = None
    routes: tuple[str, ...] = ()
    device: str | None = None
    unit: str | None = None
    group: str | None = None


class Route(Struct, frozen=True, kw_only=True):
    """`kind` is what makes a row: systemic, topical, inhaled, eye, ear, nasal, rectal ..."""

    name: str
    kind: str


class Unit(Struct, frozen=True, kw_only=True):
    """`factor` times the value is in the dimension's base unit (mass: mg; volume: ml)."""

    name: str
    dimension: str | None
    factor: Decimal


class MedicineClass(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`duplicate_severity` is set for classes where two members at once are a finding."""

    name: str
    label: str
    members: tuple[str, ...]


class Vocabulary(Struct, frozen=True, kw_only=True):
    """All tables; `version` is a hash of the knowledge it was built from, with the releases loaded.

    `ambiguous` are normalised words, `ambiguous_as_written` the same names as the blocks write them.
    `code_systems` says in which release a system's codes are looked up; `release` does so, and is never in the cache.
    """

    version: str
    ingredients: dict[str, Ingredient]
    names: dict[str, Name]
    forms: dict[str, Form]
    form_words: dict[str, str]
    routes: dict[str, Route]
    route_words: dict[str, str]
    route_codes: dict[str, str]
    units: dict[str, Unit]
    unit_words: dict[str, str]
    classes: dict[str, MedicineClass]
    confusable: dict[str, tuple[str, ...]]
    release_words: dict[str, str] = {}
    solid_release_words: dict[str, str] = {}
    release_hours: dict[str, int] = {}
    suppliers: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    ambiguous_as_written: tuple[str, ...] = ()
    code_systems: dict[str, str] = {}
    release: ReleaseLookup | None = None

    def __repr__(self) -> str:
        return f"Vocabulary({self.version!r})"

    def classes_of(self, ingredient: str) -> tuple[str, ...]:
        known = self.ingredients.get(ingredient)
        return known.classes if known else ()

    def is_critical(self, ingredients: tuple[str, ...]) -> bool:
        return any(self.ingredients[i].critical for i in ingredients if i in self.ingredients)


_SPACES = re.compile(r"[^0-9a-z%+.]+")


#: Bounded: the same few thousand names of medicines come again and again.
@lru_cache(maxsize=16_384)
def normalise_words(text: str) -> str:
    """Lower case, no accents, every run of other characters one space; `%`, `+` and dots inside numbers stay."""
    folded = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode() if not text.isascii() else text
    words = _SPACES.sub(" ", folded.lower())
    if "." in words:
        words = re.sub(r"(?<!\d)\.|\.(?!\d)", " ", words)
    return " ".join(words.split())
