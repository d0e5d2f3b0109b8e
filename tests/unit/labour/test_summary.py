"""A summary that is brought forward equals one made from all rows, wherever the ledger was cut on the way."""

from __future__ import annotations

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance.labour.month import Month
from gateway.labour.cube import Cube
from gateway.labour.summary import change, whole
from gateway.labour.work_steps import work_steps
from gateway.records.labour import ReviewFact
from gateway.records.ledger import Act, LedgerEntry
from tests.unit.labour.test_simulated_month import rows_of

WORDS = work_steps()


def content(cube: Cube) -> dict[object, object]:
    return {(name, fact): (c.n, {s: n for s, n in c.seconds.items() if n}) for name, fact, c in cube.cells()}


def in_order(rows: list[LedgerEntry]) -> list[LedgerEntry]:
    return sorted(rows, key=lambda row: (row.act.subject, row.seq))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 10_000), cuts=st.lists(st.floats(0, 1), max_size=5))
def test_brought_forward_equals_recomputed(seed: int, cuts: list[float]) -> None:
    rows = rows_of(Month(seed, reviews=8, cases=5))
    cube, reached = Cube(), 0
    for cut in sorted({round(c * len(rows)) for c in cuts} | {len(rows)}):
        touched = {row.act.subject for row in rows[reached:cut]}
        of: dict[str, list[LedgerEntry]] = defaultdict(list)
        for row in rows[:cut]:
            if row.act.subject in touched:
                of[row.act.subject].append(row)
        for subject in touched:
            cube.merge(change(of[subject], reached, WORDS))
        reached = cut
        assert content(cube) == content(whole(in_order(rows[:cut]), WORDS))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000), share=st.floats(0, 1))
def test_subjects_may_be_counted_apart_and_merged(seed: int, share: float) -> None:
    rows = rows_of(Month(seed, reviews=6, cases=4))
    subjects = sorted({row.act.subject for row in rows})
    first = set(subjects[: round(share * len(subjects))])
    cube = whole(in_order([r for r in rows if r.act.subject in first]), WORDS)
    cube.merge(whole(in_order([r for r in rows if r.act.subject not in first]), WORDS))
    assert content(cube) == content(whole(in_order(rows), WORDS))


def entry(seq: int, at: str, act: Act) -> LedgerEntry:
    return LedgerEntry(seq=seq, at=f"2026-11-23T{at}+00:00", act=act, previous="", hash="")


def step(kind: str, seconds: float | None = None, **more: object) -> Act:
    return Act(
        kind=kind, subject="r1", actor="u1", role="pharmacist", seconds=seconds,
        timing="page" if seconds is not None else None, payload=more,
    )  # fmt: skip


def test_a_persons_correction_of_their_own_time_is_counted_and_is_no_step_itself() -> None:
    rows = [
        entry(1, "09:00:00", step("row.decided", 900)),
        entry(2, "09:20:00", step("row.decided", 20)),
        entry(3, "09:30:00", step("step.corrected", seq=1, to_seconds=30, note="was called away")),
        entry(4, "09:31:00", step("step.corrected", seq=2, withdrawn=True, note="a colleague did it")),
    ]
    cube = whole(rows, WORDS)
    (cell,) = (c for _, c in cube.select("step"))
    assert (cell.n, dict(cell.seconds)) == (1, {30: 1})
    assert not list(cube.select("step", kind="step.corrected"))


def test_the_last_correction_of_a_step_holds() -> None:
    rows = [
        entry(1, "09:00:00", step("row.decided", 900)),
        entry(2, "09:30:00", step("step.corrected", seq=1, to_seconds=30)),
        entry(3, "09:31:00", step("step.corrected", seq=1, to_seconds=40)),
    ]
    (cell,) = (c for _, c in whole(rows, WORDS).select("step"))
    assert dict(cell.seconds) == {40: 1}


@pytest.mark.parametrize(
    ("admitted", "signed", "within"),
    [
        ("2026-11-22T20:00:00+00:00", "2026-11-23T19:59:00+00:00", "yes"),
        ("2026-11-22T20:00:00+00:00", "2026-11-23T20:01:00+00:00", "no"),
        ("2026-11-22", "2026-11-22T23:00:00+00:00", "yes"),
        ("2026-11-22", "2026-11-23T12:00:00+00:00", "not-known"),
        ("2026-11-22", "2026-11-24T00:01:00+00:00", "no"),
        ("", "2026-11-24T00:01:00+00:00", "not-known"),
    ],
)
def test_within_24_hours_of_admission(admitted: str, signed: str, within: str) -> None:
    made = Act(kind="review.made", subject="r1", payload={"admitted_at": admitted})
    rows = [
        LedgerEntry(seq=1, at=signed, act=made, previous="", hash=""),
        LedgerEntry(seq=2, at=signed, act=step("review.signed", open=[]), previous="", hash=""),
    ]
    (fact,) = (f for f, _ in whole(rows, WORDS).select("review"))
    assert isinstance(fact, ReviewFact)
    assert fact.within_24_h == within
