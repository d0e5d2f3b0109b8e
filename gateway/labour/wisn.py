"""How many people the counted work needs: the WHO's Workload Indicators of Staffing Need (WISN).

Source: WHO, Workload indicators of staffing need: user's manual (2010). Our medians become activity standards, counts
become volumes, queries and training become allowances.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from msgspec import Struct


class WorkingTime(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Days a year and hours a day of one staff group; leave, holidays, sickness and training are days a year."""

    weeks: Decimal
    days_a_week: Decimal
    hours_a_day: Decimal
    leave: Decimal
    holidays: Decimal
    sickness: Decimal
    training: Decimal

    def available_hours(self) -> Decimal:
        """AWT, hours a year. Raises ValueError where nothing is left to work in."""
        days = self.weeks * self.days_a_week - self.leave - self.holidays - self.sickness - self.training
        hours = days * self.hours_a_day
        if hours <= 0:
            raise ValueError("no working time is left after leave, holidays, sickness and training")
        return hours


class Activity(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Work with a count: `minutes` for one, `volume` a year."""

    name: str
    minutes: Decimal
    volume: Decimal


class Allowances(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`category` is the share of their time that everybody gives to other work; `individual` hours a year of some."""

    category: dict[str, Decimal] = {}
    individual: dict[str, Decimal] = {}


class Staffing(Struct, frozen=True, kw_only=True):
    """The result with its steps. People are whole-time equivalents; `ratio` below 1 means too few."""

    available_hours: Decimal
    for_activities: dict[str, Decimal]
    category_factor: Decimal
    individual_factor: Decimal
    required: Decimal
    actual: Decimal
    difference: Decimal
    ratio: Decimal | None


def staffing(
    time: WorkingTime, activities: Sequence[Activity], allowances: Allowances, actual: Decimal = Decimal(0)
) -> Staffing:
    """Required = A x CAF + IAF. Raises ValueError for allowances that leave no time, or an activity that takes none."""
    hours = time.available_hours()
    share = sum(allowances.category.values(), Decimal(0))
    if not 0 <= share < 1:
        raise ValueError("category allowances must leave some of the time: their sum is a share below 1")
    parts = {}
    for one in activities:
        if one.minutes <= 0 or one.volume < 0:
            raise ValueError(f"{one.name}: minutes must be above 0 and the volume not below 0")
        standard_workload = hours * 60 / one.minutes
        parts[one.name] = one.volume / standard_workload
    category_factor = 1 / (1 - share)
    individual_factor = sum(allowances.individual.values(), Decimal(0)) / hours
    required = sum(parts.values(), Decimal(0)) * category_factor + individual_factor
    return Staffing(
        available_hours=hours, for_activities=parts, category_factor=category_factor,
        individual_factor=individual_factor, required=required, actual=actual, difference=actual - required,
        ratio=actual / required if required else None,
    )  # fmt: skip
