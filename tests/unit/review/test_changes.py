"""Two fetches of one patient's lists: what a pharmacist must be told that changed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.errors import InputError
from gateway.fhir.read import failed, read_list
from gateway.records.reconciliation import Reconciliation
from gateway.review.changes import changes
from tests.fhir_builders import bundle, document, patient, statement

AT = dt.date(2026, 11, 26)
Medicine = tuple[str, ...]

APIXABAN = ("1", "Apixaban 5mg tablets", "One tablet twice a day", "active")
RAMIPRIL = ("2", "Ramipril 5mg capsules", "One capsule once a day", "active")
FOOMYCIN = ("3", "Foomycin 10mg tablets", "One daily", "active")


def fetched(*medicines: Medicine, down: bool = False) -> Reconciliation:
    entries: list[Any] = [statement(i, name, dose=dose, status=status) for i, name, dose, status in medicines]
    one = (
        failed("gp", InputError("no whole answer"))
        if down
        else read_list("gp", [document(bundle(patient(), *entries))])
    )
    return reconcile([one], load_knowledge(), AT)


CASES: list[tuple[str, list[Medicine], list[Medicine], list[tuple[str, str]]]] = [
    ("nothing", [APIXABAN, RAMIPRIL], [RAMIPRIL, APIXABAN], []),
    ("a medicine vanished", [APIXABAN, RAMIPRIL], [RAMIPRIL], [("gone", "Apixaban 5mg tablets")]),
    ("a medicine is new", [RAMIPRIL], [RAMIPRIL, APIXABAN], [("new", "Apixaban 5mg tablets")]),
    (
        "the dose changed",
        [APIXABAN],
        [("1", "Apixaban 5mg tablets", "Half a tablet twice a day", "active")],
        [("dose", "Apixaban 5mg tablets")],
    ),
    (
        "the same dose in other words",
        [APIXABAN],
        [("1", "Apixaban 5mg tablets", "1 tablet bd", "active")],
        [],
    ),
    (
        "the strength changed",
        [APIXABAN],
        [("1", "Apixaban 2.5mg tablets", "One tablet twice a day", "active")],
        [("product", "Apixaban 2.5mg tablets")],
    ),
    (
        "suspended",
        [RAMIPRIL],
        [("2", "Ramipril 5mg capsules", "One capsule once a day", "on-hold")],
        [("status", "Ramipril 5mg capsules")],
    ),
    (
        "stopped is gone from what is current",
        [RAMIPRIL],
        [("2", "Ramipril 5mg capsules", "One capsule once a day", "stopped")],
        [("gone", "Ramipril 5mg capsules")],
    ),
    ("a new id for the same item", [APIXABAN], [("77", *APIXABAN[1:])], []),
    (
        "an id that names another medicine now",
        [APIXABAN],
        [("1", *RAMIPRIL[1:])],
        [("gone", "Apixaban 5mg tablets"), ("new", "Ramipril 5mg capsules")],
    ),
    (
        "two of one medicine, of which one changed",
        [APIXABAN, ("5", "Apixaban 5mg tablets", "One tablet in the morning", "active")],
        [("8", *APIXABAN[1:]), ("9", "Apixaban 5mg tablets", "One tablet at night", "active")],
        [("dose", "Apixaban 5mg tablets")],
    ),
    (
        "a name that is not understood",
        [FOOMYCIN],
        [("4", "foomycin 10MG tablets", "One daily", "active")],
        [],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("why", "before", "after", "expected"), CASES, ids=[c[0] for c in CASES])
def test_what_changed(why: str, before: list[Medicine], after: list[Medicine], expected: list[tuple[str, str]]) -> None:
    found = changes(fetched(*before), fetched(*after))
    assert [(one.what, one.medicine) for one in found] == expected
    assert all(one.words.endswith(".") for one in found)


def test_a_list_that_does_not_arrive_takes_no_medicine_away() -> None:
    (only,) = changes(fetched(APIXABAN, RAMIPRIL), fetched(down=True))
    assert (only.what, only.before, only.after) == ("list", "complete", "not received")


def test_a_list_that_arrives_again_tells_what_is_on_it_without_calling_it_new() -> None:
    found = changes(fetched(down=True), fetched(APIXABAN))
    assert [one.what for one in found] == ["list", "new"]
    assert found[1].words == "Apixaban 5mg tablets is on this list; before, the list had not come whole."
