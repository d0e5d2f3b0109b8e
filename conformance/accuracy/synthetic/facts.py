"""Which names mean what: the names in mappings/terminology read as plain data, and pairs that look alike."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from msgspec import Struct

MAPPINGS = Path(__file__).resolve().parents[3] / "mappings" / "terminology"

_PLAIN = re.compile(r"[A-Za-z][A-Za-z' -]+")
#: Nobody takes these from a list of everyday medicines, or their names hold more than a substance.
_LEFT_OUT = re.compile(
    r"(?i)vaccin|virus|antigen|toxin|immunoglobulin|factor|allergen|human|serum|cells|extract|insulin"
)
#: A brand with such a word is one form of the brand: "Feldene Melt 0.5% gel" is on nobody's list.
_FORM_WORD = re.compile(r"(?i)\b(?:melts?|gel|cream|spray|nasal|drops|patch(?:es)?|eye|ear|oral|retard|junior|caps)\b")
_INJECTED = re.compile(r"(?:mab|parin|parinux|tide|cept|stim|kin|ase|micin|penem|platin|rubicin|taxel)$")


class Substance(Struct, frozen=True, kw_only=True):
    """One ingredient set with the names that mean it. `generics` begins with the usual name."""

    ingredients: tuple[str, ...]
    generics: tuple[str, ...]
    salts: tuple[str, ...] = ()
    brands: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return " + ".join(self.ingredients)

    @property
    def injected(self) -> bool:
        return len(self.ingredients) == 1 and _INJECTED.search(self.ingredients[0]) is not None


class Facts(Struct, frozen=True, kw_only=True):
    """`pairs`: two names that look alike, each with its substance."""

    singles: tuple[Substance, ...]
    combinations: tuple[Substance, ...]
    pairs: tuple[tuple[tuple[str, Substance], tuple[str, Substance]], ...]


@cache
def facts(folder: Path = MAPPINGS) -> Facts:
    files = [yaml.safe_load(p.read_text(encoding="utf-8")) for p in sorted((folder / "substances").glob("*.yaml"))]
    once = {name for name, times in Counter(_all_names(files)).items() if times == 1}

    def usable(names: list[str]) -> tuple[str, ...]:
        return tuple(n for n in names if n.lower() in once and _PLAIN.fullmatch(n) and not _LEFT_OUT.search(n))

    singles = []
    for one in (s for file in files for s in file.get("ingredients") or ()):
        generics = usable([one["name"], *one.get("also", ())])
        if generics and generics[0] == one["name"]:
            singles.append(
                Substance(
                    ingredients=(one["name"],),
                    generics=generics,
                    salts=usable(list(one.get("salts", ()))),
                    brands=usable(_plain_brands(one)),
                )
            )
    known = {s.ingredients[0] for s in singles}
    combinations = [
        Substance(
            ingredients=tuple(sorted(one["ingredients"])),
            generics=usable([n for n in (one.get("name"), *one.get("also", ())) if n])
            or ("/".join(one["ingredients"]),),
            brands=usable(_plain_brands(one)),
        )
        for file in files
        for one in file.get("combinations") or ()
        if len(one["ingredients"]) == 2 and set(one["ingredients"]) <= known
    ]
    unique = list({c.ingredients: c for c in combinations}.values())
    return Facts(singles=tuple(singles), combinations=tuple(unique), pairs=_pairs(folder, [*singles, *unique]))


def _all_names(files: list[dict[str, Any]]) -> list[str]:
    found: list[str] = []
    for file in files:
        for one in [*(file.get("ingredients") or ()), *(file.get("combinations") or ())]:
            names = [
                one.get("name"),
                *one.get("also", ()),
                *one.get("salts", ()),
                *map(_brand_name, one.get("brands", ())),
            ]
            found += [n.lower() for n in names if n]
    return found


def _brand_name(brand: str | dict[str, Any]) -> str:
    return brand if isinstance(brand, str) else str(brand["name"])


def _plain_brands(one: dict[str, Any]) -> list[str]:
    """Brands whose name fixes neither form nor release, so that any form may be written behind it."""
    return [b for b in one.get("brands", ()) if isinstance(b, str) and not _FORM_WORD.search(b)]


def _pairs(
    folder: Path, substances: list[Substance]
) -> tuple[tuple[tuple[str, Substance], tuple[str, Substance]], ...]:
    means = {n.lower(): (n, s) for s in substances for n in (*s.generics, *s.brands)}
    written = yaml.safe_load((folder / "confusable.yaml").read_text(encoding="utf-8"))["pairs"]
    found = []
    for a, b in written:
        left, right = means.get(a.lower()), means.get(b.lower())
        if left and right and left[1].ingredients != right[1].ingredients:
            found.append((left, right))
    return tuple(found)
