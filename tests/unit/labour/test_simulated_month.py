"""Every labour measure against an invented month whose truth is known."""

from __future__ import annotations

import statistics

import pytest

from conformance.labour.month import Month
from gateway.labour.cube import Cube
from gateway.labour.intervals import MINIMUM_CELL
from gateway.labour.measures import FORMULAS, measures
from gateway.labour.summary import whole
from gateway.labour.work_steps import work_steps
from gateway.records.labour import LabourMeasure
from gateway.records.ledger import LedgerEntry

Found = dict[tuple[str, tuple[tuple[str, str], ...]], LabourMeasure]


def rows_of(month: Month) -> list[LedgerEntry]:
    return [LedgerEntry(seq=n, at=at, act=act, previous="", hash="") for n, (act, at) in enumerate(month.acts, start=1)]


def cube_of(month: Month) -> Cube:
    return whole(sorted(rows_of(month), key=lambda row: (row.act.subject, row.seq)), work_steps())


@pytest.fixture(scope="module", params=[1, 2, 3])
def seen(request: pytest.FixtureRequest) -> tuple[Month, Found]:
    month = Month(request.param)
    found = measures(cube_of(month), work_steps())
    keyed = {(m.name, m.group): m for m in found}
    assert len(keyed) == len(found)
    return month, keyed


def same(measure: LabourMeasure, part: float, n: int) -> None:
    """`part` of `n`, or suppressed where there are too few."""
    assert measure.n == n
    assert measure.suppressed == (n < MINIMUM_CELL)
    assert measure.value == (None if n < MINIMUM_CELL else pytest.approx(part / n))


def test_shares_of_answers(seen: tuple[Month, Found]) -> None:
    month, found = seen
    truth = month.truth
    fields = truth.fields["proposed"] + truth.fields["abstained"]
    same(found["auto-population", ()], truth.fields["proposed"], fields)
    for cause, n in truth.abstained.items():
        same(found["abstention-by-cause", (("cause", cause),)], n, fields)
    decided = truth.decided.total()
    changed = truth.decided["overridden"] + truth.decided["cleared"]
    same(found["acceptance", ()], truth.decided["confirmed"], decided)
    same(found["override", ()], changed, decided)
    same(found["unverified-acceptance", ()], truth.in_a_moment, truth.decided["confirmed"])


def test_overrides_by_field_source_and_reason(seen: tuple[Month, Found]) -> None:
    month, found = seen
    by_field = {g: m for (name, g), m in found.items() if name == "override-by-field"}
    assert len(by_field) == len(month.truth.overrides)
    for (field, source, reason), n in month.truth.overrides.items():
        group = (("field", field), ("source", source), ("rule_version", "2026.1"), ("reason", reason))
        measure = by_field[group]
        if not measure.suppressed:
            assert measure.value is not None
            assert round(measure.value * measure.n) == n


def test_times(seen: tuple[Month, Found]) -> None:
    month, found = seen
    truth = month.truth
    median = found["time-per-confirmation", (("statistic", "median"),)]
    assert median.value == statistics.median(truth.confirm_seconds)
    assert median.low is not None
    assert median.high is not None
    assert median.low <= median.value <= median.high
    p90 = sorted(truth.confirm_seconds)[-(-9 * len(truth.confirm_seconds) // 10) - 1]
    assert found["time-per-confirmation", (("statistic", "P90"),)].value == p90
    assert found["seconds-per-review", ()].value == statistics.median(truth.review_seconds)
    shown, blank = statistics.median(truth.shown_seconds), statistics.median(truth.withheld_seconds)
    assert found["withheld-difference", (("pre-fill", "difference"),)].value == shown - blank
    for role, gaps in truth.gaps.items():
        for band in work_steps().bands:
            measure = found["active-seconds", (("role", role), ("idle-after", str(band)))]
            assert measure.n == len(gaps)
            assert measure.suppressed or measure.value == sum(g for g in gaps if g <= band)


def test_hidden_share_and_recorded_time(seen: tuple[Month, Found]) -> None:
    month, found = seen
    by_role = month.truth.seconds
    for role, spent in by_role.items():
        measure = found["recorded-seconds", (("role", role),)]
        assert measure.suppressed or measure.value == spent.total()
    hidden = sum(n for spent in by_role.values() for what, n in spent.items() if what != "decision")
    assert found["hidden-share", ()].value == pytest.approx(hidden / sum(s.total() for s in by_role.values()))


def test_cases_and_double_entry(seen: tuple[Month, Found]) -> None:
    month, found = seen
    truth = month.truth
    same(found["first-time-right", ()], truth.locked - truth.reworked, truth.locked)
    same(found["rework", ()], truth.reworked, truth.locked)
    assert found["systems-consulted", ()].value == pytest.approx(statistics.mean(truth.systems))
    for why, n in truth.second_entries.items():
        same(found["double-entry", (("why", why),)], n, truth.fields.total())


def test_reviews_and_lists(seen: tuple[Month, Found]) -> None:
    month, found = seen
    truth = month.truth
    same(found["within-24-h", ()], truth.within["yes"], truth.within.total())
    same(found["unresolved-at-sign-off", ()], truth.left_open, truth.signed)
    for source, n in truth.fetched.items():
        same(found["lists-missing", (("source", source),)], truth.not_complete[source], n)


def test_what_the_records_of_a_source_cost(seen: tuple[Month, Found]) -> None:
    month, found = seen
    counted = {g: m for (name, g), m in found.items() if name == "defects"}
    assert {(dict(g)["source"], dict(g)["cause"]): m.value for g, m in counted.items()} == month.truth.defects
    for (source, cause), seconds in month.truth.defect_seconds.items():
        measure = found["defect-seconds", (("source", source), ("cause", cause))]
        assert measure.suppressed or measure.value == seconds


def test_acts_are_counted_by_role_and_kind_and_small_cells_are_not_shown(seen: tuple[Month, Found]) -> None:
    month, found = seen
    counted = {(dict(g)["role"], dict(g)["act"]): m for (name, g), m in found.items() if name == "acts-by-role"}
    assert {key: m.n for key, m in counted.items()} == month.truth.acts
    assert all(m.value == (m.n if m.n >= MINIMUM_CELL else None) for m in counted.values())


def test_every_formula_says_what_it_is_and_gives_a_figure(seen: tuple[Month, Found]) -> None:
    _, found = seen
    names = {name for name, _ in found}
    for formula in FORMULAS:
        assert formula.name in names
        assert all((formula.label, formula.unit, formula.written, formula.source))
