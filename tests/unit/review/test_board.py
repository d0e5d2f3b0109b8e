"""The ward board's words: how long until discharge, how long since admission, how far a review is."""

from __future__ import annotations

import datetime as dt

import pytest

from gateway.review.board import Spoken, Status, reconciliation_clock, span, status_of, time_left

NOW = dt.datetime(2026, 11, 24, 13, 50, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("minutes", "words"),
    [(0.5, "less than 1 min"), (10, "10 min"), (60, "1 h"), (130, "2 h 10 min"), (1440, "1 day"), (4560, "3 days 4 h")],
)
def test_a_span_in_words(minutes: float, words: str) -> None:
    assert span(dt.timedelta(minutes=minutes)) == words


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        ("2026-11-24T16:00:00+00:00", Spoken("in 2 h 10 min")),
        ("2026-11-24T13:30:00+00:00", Spoken("20 min late", late=True)),
        # In summer time or winter time, an hour with its zone is a moment.
        ("2026-11-24T15:00:00+01:00", Spoken("in 10 min")),
        ("2026-11-24", None),
        ("not a time", None),
        (None, None),
    ],
)
def test_the_time_left_until_discharge(planned: str | None, said: Spoken | None) -> None:
    assert time_left(planned, NOW) == said


@pytest.mark.parametrize(
    ("admitted", "signed", "said"),
    [
        ("2026-11-24T09:00:00+00:00", None, Spoken("19 h 10 min left of 24 h")),
        ("2026-11-23T13:50:00+00:00", None, Spoken("less than 1 min left of 24 h")),
        ("2026-11-23T13:00:00+00:00", None, Spoken("24 h passed 50 min ago, not signed off", late=True)),
        ("2026-11-23T13:00:00+00:00", "2026-11-24T09:00:00+00:00", Spoken("signed off 20 h after admission")),
        ("2026-11-22T13:00:00+00:00", "2026-11-24T13:00:00+00:00",
         Spoken("signed off 2 days after admission", late=True)),
        ("2026-11-24", None, Spoken("hour of admission not recorded")),
        (None, None, Spoken("hour of admission not recorded")),
    ],
)  # fmt: skip
def test_the_clock_since_admission(admitted: str | None, signed: str | None, said: Spoken) -> None:
    assert reconciliation_clock(admitted, signed, NOW, 24) == said


@pytest.mark.parametrize(
    ("state", "left", "medicines", "to_decide", "waiting", "status"),
    [
        (None, False, 0, 0, 0, Status.NOT_FETCHED),
        (None, True, 0, 0, 0, Status.LEFT),
        ("open", False, 9, 9, 0, Status.NOT_STARTED),
        ("open", False, 9, 2, 0, Status.IN_PROGRESS),
        ("open", False, 9, 2, 1, Status.IN_PROGRESS),
        ("open", False, 9, 2, 2, Status.WAITING),
        ("open", False, 9, 0, 0, Status.READY),
        # Whoever has left without a finished review stays among those to be reviewed.
        ("open", True, 9, 2, 0, Status.IN_PROGRESS),
        ("signed", False, 9, 0, 0, Status.SIGNED),
        ("signed", True, 9, 0, 0, Status.LEFT),
    ],
)  # fmt: skip
def test_the_status(
    state: str | None, left: bool, medicines: int, to_decide: int, waiting: int, status: Status
) -> None:
    found = status_of(state=state, left=left, medicines=medicines, to_decide=to_decide, waiting=waiting)
    assert found is status
