"""The rows of the real records that are measured, each with whether it is kept aside.

`GATEWAY_RECORDS` names their folder; they are no part of the project. Rows that contradict themselves (one code on two
substances) and rows whose truth a person has looked up stand in reviewed.yaml, by digest.
"""

from __future__ import annotations

import csv
import hashlib
import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from conformance.accuracy.split import held_out

OTHER_SUBSTANCE = "different VTM, similar spelling"
NO_NAME = "VMP subsequent to"


class Pair(Struct, frozen=True):
    """Two names, whether they are the same medicine, and whether the row is kept aside."""

    a: str
    b: str
    same: bool
    kept: bool


class NoRecords(Exception):
    """Where the records should be; said loudly, and the measure is left out."""


def folder() -> Path:
    asked = os.environ.get("GATEWAY_RECORDS", "")
    path = Path(asked) if asked else Path(__file__).resolve().parents[3] / "shared" / "records"
    if not (path / "names").is_dir():
        raise NoRecords("set GATEWAY_RECORDS to the folder of real records, which is not part of the project")
    return path


def rows(name: str) -> Iterator[tuple[dict[str, str], bool]]:
    """Rows of names/NAME.csv with whether they are kept aside, by the hash of the first column."""
    with (folder() / "names" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row, held_out(next(iter(row.values())))


def brands() -> list[Pair]:
    """Without the rows whose generic is no name but "VMP subsequent to" a code."""
    return [
        Pair(r["brand_product"], r["generic_product"], True, kept)
        for r, kept in rows("uk_brand_to_generic")
        if not r["generic_product"].startswith(NO_NAME)
    ]


def renamed() -> list[Pair]:
    """One code under two names; leaves out rows where the code stands on two medicines."""
    found = [Pair(r["name_a"], r["name_b"], True, kept) for r, kept in rows("same_code_name_variants")]
    return [p for p in found if not reviewed(p.a, p.b)]


def licensed() -> list[Pair]:
    """Brands licensed in Europe, and the RxNorm name of each."""
    found = [Pair(r["ema_brand"], r["rxnorm_name"], True, kept) for r, kept in rows("ema_brand_to_rxnorm")]
    return [p for p in found if not reviewed(p.a, p.b)]


def other_substances() -> list[Pair]:
    return [
        Pair(r["name_a"], r["name_b"], False, kept)
        for r, kept in rows("hard_negative_pairs")
        if r["why"] == OTHER_SUBSTANCE
    ]


def other_strengths() -> list[Pair]:
    return [
        Pair(r["name_a"], r["name_b"], False, kept)
        for r, kept in rows("hard_negative_pairs")
        if r["why"] != OTHER_SUBSTANCE
    ]


class Exceptions(Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    pairs: tuple[str, ...]


class OneSubstance(Struct, frozen=True, forbid_unknown_fields=True):
    chemicals: tuple[str, ...]
    why: str


class Reviewed(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    exceptions: tuple[Exceptions, ...]
    one_substance: tuple[OneSubstance, ...]


@lru_cache(maxsize=1)
def load_reviewed() -> Reviewed:
    text = (Path(__file__).parent / "reviewed.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Reviewed)


def digest(a: str, b: str) -> str:
    return hashlib.sha256(f"{a}\t{b}".encode()).hexdigest()[:12]


def reviewed(a: str, b: str) -> str | None:
    """Why the records' word on this pair is not the truth, where a person has looked; None for all others."""
    return next((one.why for one in load_reviewed().exceptions if digest(a, b) in one.pairs), None)


def one_substance(a: str, b: str) -> bool:
    """Whether two BNF chemicals (nine characters) are one substance by one kind of route."""
    return a == b or any({a, b} <= set(one.chemicals) for one in load_reviewed().one_substance)
