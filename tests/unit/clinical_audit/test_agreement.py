"""Agreement and kappa against a table worked out by hand."""

from __future__ import annotations

import pytest

from gateway.clinical_audit.agreement import Agreement, agreement


def test_a_table_worked_out_by_hand() -> None:
    """20 both yes, 15 both no, 5 yes then no, 10 no then yes: 0.7 equal, by chance 0.5*0.6 + 0.5*0.4 = 0.5, so 0.4."""
    pairs = [("1", "1")] * 20 + [("0", "0")] * 15 + [("1", "0")] * 5 + [("0", "1")] * 10
    found = agreement(pairs)
    assert (found.pairs, found.equal) == (50, 35)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)


def test_where_kappa_says_nothing() -> None:
    assert agreement([]) == Agreement(0, 0, None, None)
    assert agreement([("1", "1")] * 20) == Agreement(20, 20, 1.0, None)
    assert agreement([("1", "0"), ("0", "1")]).kappa == pytest.approx(-1.0)
