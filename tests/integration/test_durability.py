"""A slice of the drills of `make faults`: what was acknowledged stands once, and of two people one wins."""

from __future__ import annotations

import pytest

from conformance.safety import outbox_kills
from conformance.safety.kills import Killed, kill_often, syncs_of
from conformance.safety.races import race_often

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgresql)]


@pytest.mark.parametrize("kind", DATABASES)
def test_no_acknowledged_decision_is_lost_or_doubled(kind: str) -> None:
    found = kill_often(kind, 5)
    assert found.good, found
    assert found.acknowledged >= 5


@pytest.mark.parametrize("kind", DATABASES)
def test_no_document_is_lost_and_none_taken_twice_when_its_worker_is_killed(kind: str) -> None:
    found = outbox_kills.kill_often(kind, 5)
    assert found.good, found
    assert found.documents == 60


@pytest.mark.parametrize("kind", DATABASES)
def test_of_two_people_one_wins_and_the_other_is_told(kind: str) -> None:
    found = race_often(kind, 40)
    assert found.good, found


def test_each_acknowledged_decision_reached_the_disk() -> None:
    syncs = syncs_of(20)
    assert syncs is None or syncs >= 20  # without strace, test_ledger asserts synchronous=FULL


@pytest.mark.parametrize("wrong", [{"lost": 1}, {"doubled": 1}, {"broken": 1}, {"acknowledged": 1}])
def test_the_drill_says_so_where_something_went_wrong(wrong: dict[str, int]) -> None:
    figures = {"kills": 5, "acknowledged": 9, "lost": 0, "doubled": 0, "broken": 0} | wrong
    assert not Killed(database="sqlite", **figures).good


@pytest.mark.parametrize("wrong", [{"lost": 1}, {"doubled": 1}, {"broken": 1}, {"interrupted": 0}])
def test_the_outbox_drill_says_so_too(wrong: dict[str, int]) -> None:
    figures = {
        "kills": 5,
        "documents": 60,
        "interrupted": 5,
        "repeated": 2,
        "lost": 0,
        "doubled": 0,
        "broken": 0,
    } | wrong
    assert not outbox_kills.Killed(database="sqlite", **figures).good
