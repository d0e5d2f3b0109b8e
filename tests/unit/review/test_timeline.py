"""Medicines over time as a drawing: words never stand left of what they belong to, and none are lost."""

from __future__ import annotations

import datetime as dt
import itertools

import msgspec
import pytest

from gateway.review.timeline import PHONE, WIDE, Layout, Span, Stay, draw

AT = dt.date(2026, 11, 26)
SPAN = Span(
    row="r1", medicine="digoxin", lane="Hospital discharge", kind="hospital",
    dose="125 micrograms – DOSE 125 micrograms once a day", status="", start=AT - dt.timedelta(days=7), end=None,
    suspended=False, ended=False, from_words="19-Nov-2026", until_words="goes on",
)  # fmt: skip
LAYOUTS = pytest.mark.parametrize("layout", [WIDE, PHONE], ids=["wide", "phone"])


@LAYOUTS
@pytest.mark.parametrize("days", [-400, -119, -27, -7, 0])
def test_a_dose_begins_on_its_bar_or_right_of_it_and_stays_within_the_drawing(layout: Layout, days: int) -> None:
    one = msgspec.structs.replace(SPAN, start=AT + dt.timedelta(days=days))
    (bar,) = draw([one], [], AT, layout).bars
    assert " ".join(line.words for line in bar.lines) == one.dose
    for line in bar.lines:
        under = line.y > bar.y + bar.height
        assert line.x >= bar.x or under
        assert layout.names <= line.x
        assert line.x + 6 * len(line.words) <= layout.width
        assert line.y <= bar.y + bar.room


@LAYOUTS
def test_rows_never_stand_on_each_other(layout: Layout) -> None:
    spans = [msgspec.structs.replace(SPAN, row=f"r{n}", start=AT - dt.timedelta(days=n)) for n in range(0, 40, 5)]
    bars = draw(spans, [], AT, layout).bars
    assert all(a.y + a.room <= b.y for a, b in itertools.pairwise(bars))


def test_a_medicine_without_a_date_has_words_and_no_bar() -> None:
    (bar,) = draw([msgspec.structs.replace(SPAN, start=None)], [], AT, WIDE).bars
    assert bar.width == 0
    assert bar.lines[0].words.startswith("no date recorded: ")


def test_an_admission_that_goes_on_is_shaded_until_today() -> None:
    drawing = draw([SPAN], [Stay(start=AT - dt.timedelta(days=7), end=None)], AT, WIDE)
    ((x, width),) = drawing.stays
    assert x + width == pytest.approx(drawing.today)


def test_what_is_suspended_or_over_looks_so() -> None:
    looks = [
        draw([msgspec.structs.replace(SPAN, **given)], [], AT, WIDE).bars[0].look
        for given in ({}, {"suspended": True}, {"ended": True})
    ]
    assert looks == ["hospital", "suspended", "ended"]
