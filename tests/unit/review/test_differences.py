"""Attributes that the page marks, whether or not a rule found them worth a word."""

from __future__ import annotations

import pytest

from gateway.records.as_written import Concept, EntryAsWritten, WrittenMedicine
from gateway.records.dose import Dose
from gateway.records.lists import MedicineEntry
from gateway.records.product import Product
from gateway.review.differences import differing
from gateway.review.entries import EntryWords

Said = tuple[str, str, str, str]

CASES: list[tuple[str, Said | None, Said | None, set[str]]] = [
    (
        "raised with a reason",
        ("20 mg", "tablet", "20 mg", "at night"),
        ("80 mg", "tablet", "80 mg", "at night"),
        {"amount"},
    ),
    ("another time", ("40 mg", "tablet", "40 mg", "once a day"), ("40 mg", "tablet", "40 mg", "twice a day"), {"rest"}),
    (
        "another tablet, same dose",
        ("5 mg", "tablet", "10 mg", "once a day"),
        ("10 mg", "tablet", "10 mg", "once a day"),
        {"strength"},
    ),
    ("another form", ("5 mg", "tablet", "5 mg", "once a day"), ("5 mg", "capsule", "5 mg", "once a day"), {"form"}),
    (
        "a strength that is not stated",
        ("5 mg", "tablet", "5 mg", "once a day"),
        ("", "tablet", "5 mg", "once a day"),
        set(),
    ),
    ("a dose that was not read", ("5 mg", "tablet", "5 mg", "once a day"), ("5 mg", "tablet", "", ""), set()),
    (
        "units that cannot be compared",
        ("5 mg", "tablet", "5 mg", "once a day"),
        ("", "tablet", "1 tablet", "once a day"),
        set(),
    ),
    ("no longer current on the other", ("5 mg", "tablet", "5 mg", "once a day"), None, set()),
    ("the same", ("5 mg", "tablet", "5 mg", "once a day"), ("5 mg", "tablet", "5 mg", "once a day"), set()),
]


def entry(list_: str, said: Said, *, current: bool = True) -> tuple[MedicineEntry, EntryWords]:
    strength, form, amount, rest = said
    medicine = WrittenMedicine(concept=Concept(text="x"))
    found = MedicineEntry(
        id=f"{list_}/MedicationStatement/1",
        list=list_,
        product=Product(name="x", ingredients=("x",), form=form),
        dose=Dose(parsed=bool(amount)),
        route=None,
        current=current,
        written=EntryAsWritten(
            id=f"{list_}/MedicationStatement/1",
            list=list_,
            resource="MedicationStatement/1",
            kind="MedicationStatement",
            medicine=medicine,
            status="active",
            status_as_written="active",
        ),
    )
    return found, EntryWords(strength=strength, dose=((amount, rest),) if amount else ())


@pytest.mark.parametrize(("why", "gp", "ward", "marks"), CASES, ids=[c[0] for c in CASES])
def test_what_differs_is_marked_and_nothing_else(why: str, gp: Said | None, ward: Said | None, marks: set[str]) -> None:
    pairs = [entry("gp", gp)] if gp else []
    pairs.append(entry("ward", ward) if ward else entry("ward", ("9 mg", "tablet", "9 mg", "never"), current=False))
    assert differing([e for e, _ in pairs], {e.id: s for e, s in pairs}) == marks
