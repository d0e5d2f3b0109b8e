"""Times in words, the clock since admission, and how far a review is."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.review.board import Spoken, Status, reconciliation_clock, span, status_of, time_left

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "less than 1 min"), (59, "less than 1 min"), (60, "1 min"), (3_600, "1 h"), (7_800, "2 h 10 min"),
     (86_400, "1 day"), (90_000, "1 day 1 h"), (273_600, "3 days 4 h")],
)  # fmt: skip
def test_a_span_in_words(seconds: int, words: str) -> None:
    assert span(dt.timedelta(seconds=seconds)) == words


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-24T12:10:00+00:00", Spoken("in 2 h 10 min")),
        ("2026-11-24T12:10:00+02:00", Spoken("in 10 min")),
        ("2026-11-24T10:00:00+00:00", Spoken("in less than 1 min")),
        ("2026-11-24T09:59:59+00:00", Spoken("less than 1 min late", late=True)),
        ("2026-11-24T09:40:00+00:00", Spoken("20 min late", late=True)),
        ("2026-11-24", None),  # a day has no hour to be late by
        ("2026-11-24T09:40:00", None),  # nobody knows in which zone
        ("soon", None),
        (None, None),
    ],
)
def test_time_left(at: str | None, expected: Spoken | None) -> None:
    assert time_left(at, NOW) == expected


@pytest.mark.parametrize(
    ("admitted", "signed", "words", "late"),
    [
        ("2026-11-24T00:00:00+00:00", None, "14 h left of 24 h", False),
        ("2026-11-23T10:00:00+00:00", None, "less than 1 min left of 24 h", False),
        ("2026-11-23T09:00:00+00:00", None, "24 h passed 1 h ago, not signed off", True),
        ("2026-11-22T10:00:00+00:00", "2026-11-23T09:00:00+00:00", "signed off 23 h after admission", False),
        ("2026-11-22T10:00:00+00:00", "2026-11-23T11:00:00+00:00", "signed off 1 day 1 h after admission", True),
        ("2026-11-22", None, "hour of admission not recorded", False),
        (None, None, "hour of admission not recorded", False),
    ],
)
def test_the_clock_since_admission(admitted: str | None, signed: str | None, words: str, late: bool) -> None:
    assert reconciliation_clock(admitted, signed, NOW, 24) == Spoken(words, late=late)


@pytest.mark.parametrize(
    ("state", "left", "medicines", "to_decide", "waiting", "status"),
    [
        (None, False, 0, 0, 0, Status.NOT_FETCHED),
        (None, True, 0, 0, 0, Status.LEFT),
        ("open", False, 4, 4, 0, Status.NOT_STARTED),
        ("open", False, 4, 3, 0, Status.IN_PROGRESS),
        ("open", False, 4, 4, 1, Status.IN_PROGRESS),
        ("open", False, 4, 2, 2, Status.WAITING),
        ("open", False, 4, 0, 0, Status.READY),
        ("open", True, 4, 4, 0, Status.NOT_STARTED),  # gone home with an open review: it stays in view
        ("signed", False, 4, 0, 0, Status.SIGNED),
        ("signed", True, 4, 0, 0, Status.LEFT),
    ],
)
def test_how_far_a_review_is(
    state: str | None, left: bool, medicines: int, to_decide: int, waiting: int, status: Status
) -> None:
    found = status_of(state=state, left=left, medicines=medicines, to_decide=to_decide, waiting=waiting)
    assert found is status
