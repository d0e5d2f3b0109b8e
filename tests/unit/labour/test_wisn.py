"""WISN: the WHO method, by the worked example of the design and by hand."""

from __future__ import annotations

from decimal import Decimal

import pytest

from gateway.labour.wisn import Activity, Allowances, WorkingTime, staffing

#: 1,627.5 hours: 52 weeks of 5 days less 28 of leave, 8 holidays, 4 of sickness and 3 of training, at 7.5 hours.
YEAR = WorkingTime(
    weeks=Decimal(52), days_a_week=Decimal(5), hours_a_day=Decimal("7.5"), leave=Decimal(28), holidays=Decimal(8),
    sickness=Decimal(4), training=Decimal(3),
)  # fmt: skip


def test_the_worked_example_of_the_design() -> None:
    """AWT 1,627.5 h, A 0.43, category allowances 12 %, individual 60 h: 0.53 whole-time equivalents."""
    assert YEAR.available_hours() == Decimal("1627.5")
    volume = Decimal("0.43") * YEAR.available_hours() * 60 / 10
    found = staffing(
        YEAR,
        [Activity(name="confirm an audit case", minutes=Decimal(10), volume=volume)],
        Allowances(category={"meetings": Decimal("0.12")}, individual={"lead": Decimal(60)}),
        actual=Decimal("0.5"),
    )
    assert round(found.for_activities["confirm an audit case"], 2) == Decimal("0.43")
    assert round(found.category_factor, 3) == Decimal("1.136")
    assert round(found.individual_factor, 3) == Decimal("0.037")
    assert round(found.required, 2) == Decimal("0.53")
    assert found.ratio is not None
    assert round(found.ratio, 2) == Decimal("0.95")
    assert found.difference == Decimal("0.5") - found.required


def test_by_hand() -> None:
    """1,000 working hours; 600 acts of 30 minutes are 300 hours, 400 of 15 are 100: 0.4 people; a fifth of meetings
    makes 0.5; 100 hours of one person's own make 0.6."""
    thousand = WorkingTime(
        weeks=Decimal(50), days_a_week=Decimal(5), hours_a_day=Decimal(5), leave=Decimal(50), holidays=Decimal(0),
        sickness=Decimal(0), training=Decimal(0),
    )  # fmt: skip
    acts = [
        Activity(name="a", minutes=Decimal(30), volume=Decimal(600)),
        Activity(name="b", minutes=Decimal(15), volume=Decimal(400)),
    ]
    allowances = Allowances(category={"meetings": Decimal("0.2")}, individual={"teaching": Decimal(100)})
    found = staffing(thousand, acts, allowances)
    assert (found.required, found.ratio) == (Decimal("0.6"), Decimal(0))


def test_what_cannot_be_is_refused_in_words() -> None:
    with pytest.raises(ValueError, match="leave some of the time"):
        staffing(YEAR, [], Allowances(category={"x": Decimal(1)}))
    with pytest.raises(ValueError, match="a: minutes"):
        staffing(YEAR, [Activity(name="a", minutes=Decimal(0), volume=Decimal(1))], Allowances())
    with pytest.raises(ValueError, match="no working time"):
        WorkingTime(
            weeks=Decimal(1), days_a_week=Decimal(1), hours_a_day=Decimal(8), leave=Decimal(1), holidays=Decimal(0),
            sickness=Decimal(0), training=Decimal(0),
        ).available_hours()  # fmt: skip


def test_no_work_needs_nobody() -> None:
    assert staffing(YEAR, [], Allowances()).required == 0
    assert staffing(YEAR, [], Allowances()).ratio is None
