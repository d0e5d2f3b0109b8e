"""Labour figures: nothing is shown of fewer than five, all by role and never by person."""

from __future__ import annotations

import datetime as dt
import random
import statistics
from collections import Counter

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.labour.intervals import MINIMUM_CELL, wilson
from gateway.labour.measures import measures
from gateway.labour.spread import median_interval, quantile
from gateway.labour.summary import whole
from gateway.labour.work_steps import work_steps
from gateway.records.labour import LabourMeasure
from gateway.records.ledger import KINDS, Act, LedgerEntry

START = dt.datetime(2026, 11, 22, 9, 0, tzinfo=dt.UTC)
PERSON, REVIEW, ROW, NOTE = "Zzperson", "zzreview", "zzrow", "zznote"
WORDS = work_steps()


def figures(*acts: Act) -> tuple[LabourMeasure, ...]:
    rows = [
        LedgerEntry(seq=n, at=(START + dt.timedelta(minutes=n)).isoformat(), act=act, previous="", hash=f"{n:064x}")
        for n, act in enumerate(acts, start=1)
    ]
    return measures(whole(sorted(rows, key=lambda row: (row.act.subject, row.seq)), WORDS), WORDS)


def act(
    kind: str, *, role: str = "pharmacist", reason: str | None = None, seconds: float | None = None, item: str = ROW
) -> Act:
    timing = "page" if seconds is not None else None
    return Act(
        kind=kind, subject=REVIEW, item=item, actor=PERSON, role=role, reason=reason, seconds=seconds, timing=timing,
        payload={"note": NOTE},
    )  # fmt: skip


def one(found: tuple[LabourMeasure, ...], name: str, **group: str) -> LabourMeasure:
    (measure,) = (m for m in found if m.name == name and dict(m.group) == group)
    return measure


@pytest.mark.parametrize("n", [1, MINIMUM_CELL - 1, MINIMUM_CELL, 40])
def test_counts_of_what_people_did_are_suppressed_below_five(n: int) -> None:
    count = one(figures(*(act("row.decided") for _ in range(n))), "acts-by-role", role="pharmacist", act="row.decided")
    assert (count.value, count.n, count.suppressed) == (n if n >= 5 else None, n, n < 5)


def test_shares_of_fewer_than_five_are_suppressed_and_said_to_be() -> None:
    def decided(confirmed: int, overridden: int) -> LabourMeasure:
        kinds = ["answer.confirmed"] * confirmed + ["answer.overridden"] * overridden
        acts = []
        for n, kind in enumerate(kinds):
            acts.append(Act(kind="answer.proposed", subject=REVIEW, item=f"f{n}"))
            acts.append(act(kind, role="audit-clerk", item=f"f{n}"))
        return one(figures(*acts), "acceptance")

    few = decided(3, 1)
    assert (few.value, few.low, few.high, few.n, few.suppressed) == (None, None, None, 4, True)
    enough = decided(3, 2)
    assert (enough.value, enough.n, enough.suppressed) == (0.6, 5, False)
    assert (enough.low, enough.high) == pytest.approx((0.2307, 0.8824), abs=1e-4)


def test_every_kind_of_step_is_one_that_the_ledger_knows() -> None:
    assert set(WORDS.steps) <= set(KINDS)


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


@given(st.lists(st.integers(0, 5_000), min_size=1, max_size=60))
def test_median_of_a_histogram_is_the_median(seconds: list[int]) -> None:
    assert quantile(Counter(seconds), 0.5) == statistics.median(seconds)


def test_quantiles_of_nothing() -> None:
    assert quantile(Counter(), 0.5) == 0.0
    assert median_interval(Counter()) == (0.0, 0.0)


@pytest.mark.parametrize("n", [9, 30, 201])
def test_the_interval_of_a_median_is_that_of_a_bootstrap_done_by_hand(n: int) -> None:
    rng = random.Random(n)
    sample = [rng.randrange(1, 300) for _ in range(n)]
    by_hand = sorted(statistics.median(rng.choices(sample, k=n)) for _ in range(4000))
    low, high = median_interval(Counter(sample))
    places = sorted(sample)

    def rank(value: float) -> float:
        return sum(x <= value for x in places) / n

    assert abs(rank(low) - rank(by_hand[100])) <= 1.5 / n + 0.03
    assert abs(rank(high) - rank(by_hand[3900])) <= 1.5 / n + 0.03
    assert median_interval(Counter(sample)) == (low, high)


def test_what_the_gateway_does_is_no_ones_labour() -> None:
    found = figures(*(Act(kind="answer.proposed", subject=REVIEW, seconds=100.0, timing="page") for _ in range(9)))
    assert not [m for m in found if m.unit == "seconds" and m.n]
    assert not [m for m in found if "role" in dict(m.group)]


ACT = st.builds(
    act,
    st.sampled_from(KINDS),
    role=st.sampled_from(["pharmacist", "audit-clerk", "gateway"]),
    reason=st.sampled_from([None, "stale", "unclear"]),
    seconds=st.none() | st.floats(0, 4_000),
)


@given(st.lists(ACT, max_size=40))
def test_no_figure_has_a_key_for_a_person(acts: list[Act]) -> None:
    found = figures(*acts)
    said = msgspec.json.encode(found).decode()
    assert not [marker for marker in (PERSON, REVIEW, NOTE) if marker in said]
    assert all((m.value is None) == m.suppressed for m in found)
    assert all(m.label and m.source for m in found)
