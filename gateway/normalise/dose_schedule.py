"""One schedule from what was said about times, or why there is none."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.normalise.dose_facts import Times
from gateway.normalise.dose_words import Lexicon

_HOURS = {"h": Decimal(1), "d": Decimal(24)}
#: Where "meals" are meant there are three a day.
MEALS_A_DAY = 3


def schedule_of(
    times: Sequence[Times],
    when: tuple[str, ...],
    days: tuple[str, ...],
    clocks: tuple[str, ...],
    words: Lexicon,
    *,
    head: bool,
    meals: bool,
    needed: bool,
) -> Times | str | None:
    """ "Every 4-6 hours up to 4 times a day" is one with a limit. `head`: the times were said for all that follows."""
    exact = list(dict.fromkeys(t for t in times if t.times is not None))
    limits = list(dict.fromkeys(t for t in times if t.times is None))
    if len(exact) > 1:
        return _two(exact, days)
    if len(limits) > 1:
        return "it says two different limits"
    parts = {words.slots.get(c, c) for c in when if c in words.parts_of_the_day}
    food = any(c not in words.parts_of_the_day for c in when)
    counted = len(clocks) or len(parts)
    if exact:
        one = exact[0]
        if head and counted > 1 and one.times == 1 and one.times_max is None:
            return Times(counted, None, one.period, one.period_max, one.unit)
        return _fits(one, counted, days, meals=meals and food and bool(parts))
    if limits:
        return limits[0]
    if food:
        if meals and parts and not clocks and not days:
            return Times(MEALS_A_DAY + len(parts), None, Decimal(1), None, "d")
        if not counted:
            return None if needed else "how many meals a day is not said"
    if days:
        return Times(len(days) * max(1, counted), None, Decimal(1), None, "wk")
    if counted:
        return Times(counted, None, Decimal(1), None, "d")
    return None


def _two(exact: Sequence[Times], days: tuple[str, ...]) -> str:
    if {t.unit for t in exact} == {"wk", "d"} and days:
        return "it says daily and weekly"
    return "it says two different frequencies"


def _fits(one: Times, counted: int, days: tuple[str, ...], *, meals: bool) -> Times | str:
    """The frequency, if the times of the day and the days of the week that were named are as many."""
    if days and one.unit == "wk" and one.period == 1 and one.period_max is None:
        if (one.times or 0) != len(days) * max(1, counted) or one.times_max:
            return "its days do not fit its frequency"
        return one
    if days and one.unit not in {"d", "wk"}:
        return "its days do not fit its frequency"
    if days and one.unit == "d" and one.period != 1:
        return "its days do not fit its frequency"
    if meals:
        if one.unit == "d" and one.period == 1 and one.times == MEALS_A_DAY + counted and one.times_max is None:
            return one
        return "its times of the day do not fit its frequency"
    if counted and one.unit in _HOURS and one.period_max is None:
        a_day = Decimal(one.times or 0) * 24 / (one.period * _HOURS[one.unit])
        every_few_days = one.unit == "d" and one.period > 1
        if one.times_max or (a_day != counted and not (every_few_days and one.times == counted)):
            return "its times of the day do not fit its frequency"
    return one
