"""The monthly report, from the counted facts of two months."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence

from gateway.actions.access import Person, require
from gateway.actions.labour_page import labour_cube
from gateway.errors import UsageError
from gateway.labour.report import MonthlyReport, month_before, monthly_report, report_plan, weeks_of
from gateway.records.card import MetricCard, Point
from gateway.store.database import Database


def report_of(
    database: Database, cards: Sequence[MetricCard], *, month: str, by: Person, now: dt.datetime
) -> MonthlyReport:
    """`month` is YYYY-MM, or empty for the last whole one. Raises UsageError for what is no month."""
    require(by, "labour.see")
    month = month or month_before(now.date().isoformat()[:7])
    try:
        weeks = weeks_of(month)
        since = weeks_of(month_before(month))[0]
    except ValueError:
        raise UsageError("A month is written as 2026-11.") from None
    cube, _ = labour_cube(
        database, since=since, before=(dt.date.fromisoformat(weeks[-1]) + dt.timedelta(days=1)).isoformat()
    )
    return monthly_report(cards, cube, month, report_plan())


def report_csv(found: MonthlyReport) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("month", "heading", "measure", "unit", "value", "of", "month before", "of", "change", "goal met"))
    for heading, lines in found.sections:
        for line in lines:
            met = "" if line.now.met is None else "yes" if line.now.met else "no"
            writer.writerow(
                (found.month, heading, line.card.title, line.card.unit, *_cells(line.now), *_cells(line.before),
                 line.change, met)
            )  # fmt: skip
    return text.getvalue()


def _cells(point: Point) -> tuple[object, object]:
    if point.suppressed:
        return "fewer than five", ""
    return ("" if point.value is None else point.value), point.n
