"""From counted steps to staffing: activity standards and yearly volumes by staff group and band."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import msgspec
import yaml
from msgspec import Struct

from gateway.labour.cube import Cube
from gateway.labour.intervals import MINIMUM_CELL
from gateway.labour.spread import quantile
from gateway.labour.wisn import Activity, Allowances, Staffing, WorkingTime, staffing
from gateway.labour.work_steps import Review, WorkSteps
from gateway.records.labour import StepFact
from gateway.settings import mappings_dir, read_once


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """One of the Six Steps of workforce planning, and what of the gateway feeds it."""

    step: int
    title: str
    fed_by: str


class Workforce(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: Review
    working_time: WorkingTime
    category_allowance: Decimal
    individual_hours: Decimal
    six_steps: tuple[Step, ...]


class GroupStaffing(Struct, frozen=True, kw_only=True):
    """`group` and `band` as stamped on the steps, empty where the account had none. `untimed` acts have no standard."""

    group: str
    band: str
    activities: tuple[Activity, ...]
    untimed: int
    staffing: Staffing


@read_once
def workforce() -> Workforce:
    """Raises msgspec.ValidationError."""
    text = (mappings_dir() / "labour" / "workforce.yaml").read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Workforce)


def staffing_by_group(
    cube: Cube, words: WorkSteps, time: WorkingTime, allowances: Allowances, weeks: int
) -> tuple[GroupStaffing, ...]:
    """`weeks` is how many the cube counts; volumes are brought to a year of 52. Raises ValueError as `staffing`."""
    acts: dict[tuple[str, str], Counter[str]] = {}
    times: dict[tuple[str, str, str], Counter[int]] = {}
    for fact, cell in cube.select("step"):
        assert isinstance(fact, StepFact)
        acts.setdefault((fact.staff_group, fact.band), Counter())[fact.kind] += cell.n
        times.setdefault((fact.staff_group, fact.band, fact.kind), Counter()).update(cell.seconds)
    found = []
    for (group, band), counted in sorted(acts.items()):
        activities = []
        for kind, n in counted.items():
            known = times[group, band, kind]
            median = quantile(known, 0.5)
            if known.total() >= MINIMUM_CELL and median > 0:
                minutes = Decimal(str(median)) / 60
                volume = Decimal(n) * 52 / weeks
                activities.append(Activity(name=words.steps[kind].words, minutes=minutes, volume=volume))
        timed = {a.name for a in activities}
        untimed = sum(n for kind, n in counted.items() if words.steps[kind].words not in timed)
        result = staffing(time, activities, allowances)
        found.append(
            GroupStaffing(group=group, band=band, activities=tuple(activities), untimed=untimed, staffing=result)
        )
    return tuple(found)
