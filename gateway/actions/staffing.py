"""How many people the counted work needs, by staff group and band, with the site's own working time."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import msgspec
from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.actions.labour_page import labour_cube
from gateway.actions.metric_cards_page import mondays
from gateway.errors import UsageError
from gateway.labour.wisn import Allowances, WorkingTime
from gateway.labour.work_steps import work_steps
from gateway.labour.workforce import GroupStaffing, Step, staffing_by_group, workforce
from gateway.store.database import Database

#: Whole weeks that volumes and standards are taken from.
WEEKS = 12

#: Fields of the form, in the words of the page.
FIELDS = {
    "weeks": "weeks a year", "days_a_week": "days a week", "hours_a_day": "hours a day",
    "leave": "days of annual leave", "holidays": "public holidays", "sickness": "days of sickness",
    "training": "days of training", "category_percent": "% of everybody's time for work that is not counted",
    "individual_hours": "hours a year of some people's own tasks",
}  # fmt: skip


class StaffingPage(Struct, frozen=True, kw_only=True):
    """`given` are the values used, as text; `counted_weeks` from how many weeks the volumes come."""

    groups: tuple[GroupStaffing, ...]
    given: dict[str, str]
    available_hours: Decimal
    counted_weeks: int
    six_steps: tuple[Step, ...]


def staffing_page(database: Database, typed: Mapping[str, str], *, by: Person, now: dt.datetime) -> StaffingPage:
    """`typed` overrides the shipped example field by field. Raises UsageError with what is wrong."""
    require(by, "labour.see")
    plan = workforce()
    given = {name: str(value) for name, value in msgspec.to_builtins(plan.working_time).items()}
    given |= {
        "category_percent": f"{plan.category_allowance * 100:f}".rstrip("0").rstrip("."),
        "individual_hours": str(plan.individual_hours),
    }
    given |= {name: typed[name].strip() for name in FIELDS if typed.get(name, "").strip()}
    numbers = {name: _number(name, text) for name, text in given.items()}
    time = WorkingTime(**{name: numbers[name] for name in WorkingTime.__struct_fields__})
    allowances = Allowances(
        category={"not counted": numbers["category_percent"] / 100}, individual={"own": numbers["individual_hours"]}
    )
    shown = mondays(now, WEEKS + 1)
    cube, _ = labour_cube(database, since=shown[0], before=shown[-1])
    seen = {fact.week for fact, _ in cube.select("step")}
    counted = len([week for week in shown[:-1] if week >= min(seen)]) if seen else 0
    try:
        groups = staffing_by_group(cube, work_steps(), time, allowances, max(1, counted))
        hours = time.available_hours()
    except ValueError as error:
        raise UsageError(f"{str(error)[:1].upper()}{str(error)[1:]}.") from None
    return StaffingPage(
        groups=groups, given=given, available_hours=hours, counted_weeks=counted, six_steps=plan.six_steps
    )


def _number(name: str, text: str) -> Decimal:
    try:
        value = Decimal(text.replace(",", "."))
    except InvalidOperation:
        raise UsageError(f"{FIELDS[name].capitalize()}: a number is wanted.") from None
    if not value.is_finite() or not 0 <= value <= 10_000:
        raise UsageError(f"{FIELDS[name].capitalize()}: a number from 0 to 10,000 is wanted.")
    return value


def staffing_csv(page: StaffingPage) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("staff group", "band", "activity", "minutes for one", "a year", "people (WTE)"))
    for one in page.groups:
        place = (one.group or "not recorded", one.band)
        for act in one.activities:
            people = one.staffing.for_activities[act.name]
            writer.writerow((*place, act.name, f"{act.minutes:.2f}", f"{act.volume:.0f}", f"{people:.4f}"))
        writer.writerow((*place, "required, allowances included", "", "", f"{one.staffing.required:.4f}"))
    return text.getvalue()
