"""Saved and moved: each minute once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.labour.moved import balance


def test_a_clerks_twelve_minutes_become_a_pharmacists_five() -> None:
    found = balance(
        {"audit-clerk": Decimal(20), "pharmacist": Decimal(10)}, {"audit-clerk": Decimal(8), "pharmacist": Decimal(15)}
    )
    assert found.saved == 7
    assert [(m.from_, m.to, m.amount) for m in found.moves] == [("audit-clerk", "pharmacist", Decimal(5))]


def test_what_costs_more_than_before_is_said() -> None:
    found = balance({"audit-clerk": Decimal(10)}, {"audit-clerk": Decimal(8), "nurse": Decimal(5)})
    assert found.saved == -3
    assert [(m.from_, m.to, m.amount) for m in found.moves] == [("audit-clerk", "nurse", Decimal(2))]


def test_several_roles_share_a_gain_in_proportion() -> None:
    found = balance({"a": Decimal(6), "b": Decimal(3)}, {"c": Decimal(3)})
    assert {(m.from_, m.to): m.amount for m in found.moves} == {("a", "c"): 2, ("b", "c"): 1}
    assert found.saved == 6


MINUTES = st.dictionaries(st.sampled_from("abcde"), st.integers(0, 500).map(Decimal), max_size=5)


@given(MINUTES, MINUTES)
def test_no_minute_is_moved_twice(before: dict[str, Decimal], after: dict[str, Decimal]) -> None:
    found = balance(before, after)
    lost = -sum(d for d in found.change.values() if d < 0)
    gained = sum(d for d in found.change.values() if d > 0)
    assert float(sum(m.amount for m in found.moves)) == pytest.approx(float(min(lost, gained)))
    assert found.saved == sum(before.values()) - sum(after.values())
