"""A slice of the fault drill (`make faults` plays all of it): every body and status fault before each organisation.

The plays that wait for the deadline or move many megabytes are left to `make faults`.
"""

from __future__ import annotations

import asyncio

import pytest

from conformance.safety.__main__ import run
from conformance.safety.drill import Result, catalogue
from conformance.safety.plays import PLAYS

SLOW = {19, 20, 21, 22, 23, 24, 25, 51}
_OTHERWISE = {"address", "resolves", "plain-http", "rebinding", "no-name", "refused-connection", "token-down", "tls",
              "wrong-check-digit", "allergies", "vanished"}  # fmt: skip


def test_the_catalogue_has_every_fault_and_each_can_be_played() -> None:
    faults = catalogue().faults
    assert {one.number for one in faults} == set(range(1, 81))
    names = {name.partition(":")[0] for one in faults for name in one.play.split(",")}
    assert names <= set(PLAYS) | _OTHERWISE
    assert set(PLAYS) - names <= {"down"}


@pytest.fixture(scope="module")
def results() -> list[Result]:
    return asyncio.run(run(sorted({one.number for one in catalogue().faults} - SLOW)))


def test_no_fault_hides_a_medicine_raises_or_reaches_another_list(results: list[Result]) -> None:
    assert len(results) > 250
    wrong = [f"{one.number} {one.play} at {one.position}: {'; '.join(one.wrong)}" for one in results if one.wrong]
    assert wrong == []
