"""Labour figures: counts of acts always, shares and times from five acts on, by role and never by person."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.labour.intervals import MINIMUM_CELL, wilson
from gateway.labour.measures import ACTS, measures, of_tally
from gateway.labour.tally import median, tally
from gateway.records.labour import LabourMeasure
from gateway.records.ledger import KINDS, Act, LedgerEntry

START = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
PERSON, REVIEW, ROW, NOTE = "Zzperson", "zzreview", "zzrow", "zznote"


def ledger(*acts: Act) -> list[LedgerEntry]:
    return [
        LedgerEntry(seq=n, at=(START + dt.timedelta(minutes=n)).isoformat(), act=act, previous="", hash=f"{n:064x}")
        for n, act in enumerate(acts, start=1)
    ]


def act(kind: str, *, role: str = "pharmacist", reason: str | None = None, seconds: float | None = None) -> Act:
    return Act(
        kind=kind,
        subject=REVIEW,
        item=ROW,
        actor=PERSON,
        role=role,
        reason=reason,
        seconds=seconds,
        timing="page" if seconds is not None else None,
        payload={"note": NOTE},
    )


def proposed(kind: str, reason: str | None = None) -> Act:
    return Act(kind=kind, subject=REVIEW, item=ROW, reason=reason)


def one(found: tuple[LabourMeasure, ...], name: str, **group: str) -> LabourMeasure:
    (measure,) = (m for m in found if m.name == name and dict(m.group) == group)
    return measure


@pytest.mark.parametrize("n", [1, MINIMUM_CELL - 1, MINIMUM_CELL, 40])
def test_counts_of_acts_are_shown_however_few(n: int) -> None:
    found = measures(ledger(*(act("row.decided") for _ in range(n))))
    count = one(found, "acts-by-role", role="pharmacist", act="row.decided")
    assert (count.value, count.n, count.unit, count.suppressed) == (n, n, "count", False)


def test_every_kind_of_act_is_counted_under_its_role() -> None:
    found = measures(ledger(*(act(kind, role="audit-clerk") for kind in ACTS)))
    assert {dict(m.group)["act"] for m in found if m.name == "acts-by-role"} == set(ACTS)
    assert set(ACTS) <= set(KINDS)


def test_overrides_are_counted_by_their_reason() -> None:
    acts = [act("answer.overridden", role="audit-clerk", reason=reason) for reason in ("stale", "stale", "duplicate")]
    found = measures(ledger(*acts))
    by_reason = {dict(m.group)["reason"]: m.value for m in found if m.name == "acts-by-reason"}
    assert by_reason == {"stale": 2, "duplicate": 1}


def test_abstentions_are_counted_by_their_cause() -> None:
    causes = ["not-signed", "not-signed", "unclear", None]
    found = measures(ledger(*(proposed("answer.abstained", cause) for cause in causes)))
    by_cause = {dict(m.group)["cause"]: m.value for m in found if m.name == "abstention-by-cause"}
    assert by_cause == {"not-signed": 2, "unclear": 1, "not stated": 1}


def decided(confirmed: int, overridden: int, cleared: int = 0) -> list[LedgerEntry]:
    kinds = ["answer.confirmed"] * confirmed + ["answer.overridden"] * overridden + ["answer.cleared"] * cleared
    return ledger(*(act(kind, role="audit-clerk") for kind in kinds))


def test_shares_of_fewer_than_five_are_suppressed_and_said_to_be() -> None:
    few = one(measures(decided(3, 1)), "acceptance")
    assert (few.value, few.low, few.high, few.n, few.suppressed) == (None, None, None, 4, True)
    enough = one(measures(decided(3, 1, 1)), "acceptance")
    assert (enough.value, enough.n, enough.suppressed) == (0.6, 5, False)
    assert (enough.low, enough.high) == pytest.approx((0.2307, 0.8824), abs=1e-4)


def test_changed_and_cleared_answers_are_both_overrides() -> None:
    found = measures(decided(6, 3, 1))
    assert one(found, "acceptance").value == pytest.approx(0.6)
    assert one(found, "override").value == pytest.approx(0.4)


def test_auto_population_is_proposed_of_all_questions() -> None:
    acts = [
        *(proposed("answer.proposed") for _ in range(6)),
        *(proposed("answer.abstained", "unclear") for _ in range(2)),
    ]
    share = one(measures(ledger(*acts)), "auto-population")
    assert (share.value, share.n) == (0.75, 8)


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        # R. G. Newcombe, Statistics in Medicine 1998;17:857-872, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (5, 10, 0.2366, 0.7634),
        (10, 10, 0.7225, 1.0000),
        (0, 0, 0.0000, 1.0000),
    ],
)
def test_wilson_interval(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_interval_holds_its_share_and_stays_a_share(case: tuple[int, int]) -> None:
    successes, n = case
    low, high = wilson(successes, n)
    assert 0 <= low <= successes / n + 1e-12
    assert successes / n - 1e-12 <= high <= 1


def test_times_of_fewer_than_five_acts_are_suppressed() -> None:
    few = measures(ledger(*(act("row.decided", seconds=s) for s in (1, 2, 3, 4))))
    for name, group in (
        ("median-seconds", {"role": "pharmacist", "act": "row.decided"}),
        ("active-seconds", {"role": "pharmacist"}),
    ):
        measure = one(few, name, **group)
        assert (measure.value, measure.n, measure.suppressed) == (None, 4, True)


def test_median_and_sum_of_active_time() -> None:
    acts = [act("row.decided", seconds=s) for s in (5, 10, 20, 40, 600)]
    acts += [act("review.signed", seconds=s) for s in (30, 31, 32, 33, 34, 35)]
    acts += [act("row.decided"), proposed("answer.proposed")]
    found = measures(ledger(*acts))
    assert one(found, "median-seconds", role="pharmacist", act="row.decided").value == 20
    assert one(found, "median-seconds", role="pharmacist", act="review.signed").value == 32.5
    whole = one(found, "active-seconds", role="pharmacist")
    assert (whole.value, whole.n, whole.unit) == (675 + 195, 11, "seconds")


def test_what_the_gateway_does_is_no_ones_labour() -> None:
    entries = ledger(*(Act(kind="answer.proposed", subject=REVIEW, seconds=100.0, timing="page") for _ in range(9)))
    found = measures(entries)
    assert not [m for m in found if m.unit == "seconds"]
    assert not [m for m in found if "role" in dict(m.group)]


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60))
def test_median_of_a_histogram_is_the_median(seconds: list[int]) -> None:
    assert median(Counter(seconds)) == statistics.median(seconds)


def test_median_of_nothing() -> None:
    assert median(Counter()) == 0.0


ACT = st.builds(
    act,
    st.sampled_from(KINDS),
    role=st.sampled_from(["pharmacist", "audit-clerk", "gateway"]),
    reason=st.sampled_from([None, "stale", "unclear"]),
    seconds=st.none() | st.floats(0, 4_000),
)


@given(st.lists(ACT, max_size=40), st.integers(0, 40))
def test_two_halves_of_a_ledger_give_the_figures_of_the_whole(acts: list[Act], at: int) -> None:
    entries = ledger(*acts)
    first, second = tally(entries[:at]), tally(entries[at:])
    first.merge(second)
    assert of_tally(first) == measures(entries)
    turned = tally(entries[at:])
    turned.merge(tally(entries[:at]))
    assert of_tally(turned) == measures(entries)


@given(st.lists(ACT, max_size=20), st.lists(ACT, max_size=20))
def test_merging_leaves_the_other_tally_as_it_was(mine: list[Act], theirs: list[Act]) -> None:
    other = tally(ledger(*theirs))
    before = of_tally(other)
    whole = tally(ledger(*mine))
    whole.merge(other)
    whole.merge(tally(ledger(*mine)))
    assert of_tally(other) == before


@given(st.lists(ACT, max_size=40))
def test_no_figure_and_no_sum_has_a_key_for_a_person(acts: list[Act]) -> None:
    found = tally(ledger(*acts))
    said = repr(vars(found)) + msgspec.json.encode(of_tally(found)).decode()
    assert not [marker for marker in (PERSON, REVIEW, ROW, NOTE) if marker in said]
    assert {key for m in of_tally(found) for key, _ in m.group} <= {"role", "act", "reason", "cause"}


def test_every_figure_has_a_sample_size_a_unit_and_a_source() -> None:
    acts = [act(kind, seconds=9, reason="stale") for kind in ACTS for _ in range(6)]
    found = measures(ledger(*acts, proposed("answer.abstained", "unclear")))
    assert len(found) > 30
    assert all(m.label and m.source and m.unit in {"share", "count", "seconds"} for m in found)
    assert all((m.value is None) == m.suppressed for m in found)
    assert all(m.suppressed == (m.unit != "count" and m.n < MINIMUM_CELL) for m in found)
