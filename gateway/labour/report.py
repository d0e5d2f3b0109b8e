"""The monthly report from ward to board: cards under headings, this month beside the one before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import msgspec
import yaml
from msgspec import Struct

from gateway.labour.cards import change_in_words, evaluate
from gateway.labour.cube import Cube
from gateway.labour.work_steps import Review
from gateway.records.card import MetricCard, Point
from gateway.settings import mappings_dir, read_once


class Section(Struct, frozen=True, forbid_unknown_fields=True):
    heading: str
    cards: tuple[str, ...]


class ReportPlan(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    sections: tuple[Section, ...]


class ReportLine(Struct, frozen=True, kw_only=True):
    """One card: `now` this month, `before` the month before, `change` in words."""

    card: MetricCard
    now: Point
    before: Point
    change: str


class MonthlyReport(Struct, frozen=True, kw_only=True):
    """`month` is YYYY-MM. A week belongs to the month of its Monday; `weeks` are those Mondays."""

    month: str
    weeks: tuple[str, ...]
    sections: tuple[tuple[str, tuple[ReportLine, ...]], ...]


@read_once
def report_plan() -> ReportPlan:
    """Raises msgspec.ValidationError."""
    text = (mappings_dir() / "labour" / "report.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), ReportPlan)


def monthly_report(cards: Sequence[MetricCard], cube: Cube, month: str, plan: ReportPlan) -> MonthlyReport:
    """Raises KeyError for a plan that names a card which is not there, ValueError for what is no month."""
    by_name = {card.metric: card for card in cards}
    now, before = weeks_of(month), weeks_of(month_before(month))
    sections = tuple(
        (s.heading, tuple(_line(by_name[name], cube, now, before) for name in s.cards)) for s in plan.sections
    )
    return MonthlyReport(month=month, weeks=now, sections=sections)


def _line(card: MetricCard, cube: Cube, now: Sequence[str], before: Sequence[str]) -> ReportLine:
    this, last = evaluate(card, cube, now).whole, evaluate(card, cube, before).whole
    change = change_in_words(card, (last, this)).replace("one of the last two weeks", "one of the two months")
    return ReportLine(card=card, now=this, before=last, change=change.replace("the week before", "the month before"))


def weeks_of(month: str) -> tuple[str, ...]:
    """Mondays in a month (YYYY-MM)."""
    first = dt.date.fromisoformat(f"{month}-01")
    monday = first + dt.timedelta(days=-first.weekday() % 7)
    found = []
    while monday.month == first.month:
        found.append(monday.isoformat())
        monday += dt.timedelta(weeks=1)
    return tuple(found)


def month_before(month: str) -> str:
    first = dt.date.fromisoformat(f"{month}-01")
    return (first - dt.timedelta(days=1)).isoformat()[:7]
