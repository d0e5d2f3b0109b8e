"""Two lists that say the same do not alarm: on the real lists, word for word and in another organisation's style."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from conformance.accuracy.alert_burden import ALL, ALONE, COMPLETE, DISCHARGE, EQUAL, STYLE, Seen, burden, look
from gateway.actions.reconcile import load_knowledge

#: What one list cannot give: seen only where two lists are taken to differ.
BETWEEN = {"omission", "commission", "dose-differs", "tenfold", "frequency-differs", "route-differs", "strength-only"}


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory, records_dir: object) -> Sequence[Seen]:
    return look(load_knowledge(tmp_path_factory.mktemp("knowledge")))


@pytest.mark.records
def test_the_median_patient_with_two_equal_lists_has_no_serious_finding(seen: Sequence[Seen]) -> None:
    found = burden(seen)
    assert found.calm
    assert {one.group for one in found.spreads} > {ALL, COMPLETE}
    assert all(one.patients > 10 for one in found.spreads)


@pytest.mark.records
def test_no_equal_list_is_said_to_lack_or_change_anything(seen: Sequence[Seen]) -> None:
    for one in seen:
        if one.way in {EQUAL, DISCHARGE}:
            added = {rule for rule, _ in one.added}
            assert not added & (BETWEEN | {"one-list-only", "new-no-indication"}), (one.group, one.label, added)
        if one.way == STYLE:
            assert not {rule for rule, _ in one.added} & (BETWEEN - {"strength-only"}), (one.group, one.label)


def test_medians_and_ninetieth_percentiles_are_counted_per_patient() -> None:
    def patient(n: int, *findings: tuple[str, int]) -> list[Seen]:
        ways = (ALONE, EQUAL, STYLE, DISCHARGE)
        return [Seen("A", str(n), n < 9, way, findings, findings if way == EQUAL else ()) for way in ways]

    seen = [one for n in range(9) for one in patient(n, ("uncoded", 0))]
    seen += patient(9, ("omission", 2), ("tenfold", 3), ("uncoded", 0))
    found = burden(seen)
    spread = {(one.group, one.way): one for one in found.spreads}
    assert spread["A", EQUAL].patients == 10
    assert spread["A", EQUAL].serious == (0.0, 2.0)
    assert spread["A", EQUAL].all == (1.0, 3.0)
    assert spread["A", STYLE].added_serious == (0.0, 0.0)
    assert spread[COMPLETE, EQUAL].serious == (0.0, 0.0)
    assert found.rules[ALONE]["omission"] == {"2": 10.0}
    assert found.calm
    assert not burden([one for n in range(3) for one in patient(n, ("omission", 2))]).calm
