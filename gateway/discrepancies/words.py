"""How rules put values in words; a dose that was not read is quoted as written."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from gateway.records.dose import DoseStep
from gateway.records.lists import MedicineEntry

_UNITS = {"h": "hour", "d": "day", "wk": "week", "mo": "month", "min": "minute", "a": "year"}
_TIMES = {1: "once", 2: "twice"}


def number(value: Decimal) -> str:
    """Without exponent or trailing zeros, with commas from 1,000 (NHS Common User Interface)."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, part = text.partition(".")
    return f"{int(whole):,}{'.' + part if part else ''}"


def dose(entry: MedicineEntry) -> str:
    """The dose in words with its daily amount, else as written in quotes."""
    if not entry.dose.parsed:
        return f'"{entry.dose.text}"' if entry.dose.text else "no dose stated"
    said = ", then ".join(step(s) for s in entry.dose.sequence)
    daily = entry.dose.daily
    return f"{said} ({amount(daily.low, daily.high, daily.unit)} a day)" if daily else said


def amount(low: Decimal, high: Decimal, unit: str) -> str:
    said = number(low) if low == high else f"{number(low)} to {number(high)}"
    plural = unit if unit in {"mg", "g", "ml", "%"} or (low == high == 1) else f"{unit}s"
    return f"{said} {plural}"


def step(one: DoseStep) -> str:
    parts = []
    if one.low is not None and one.high is not None:
        parts.append(amount(one.low, one.high, one.unit) if one.unit else number(one.low))
    parts.append(frequency(one))
    if one.as_needed:
        parts.append("when required")
    return " ".join(p for p in parts if p)


def frequency(one: DoseStep) -> str:
    """ "twice a day", "once a week on Monday", "every 6 hours"; an empty string where it is not said."""
    if one.once:
        return "once only"
    if one.period is None or one.period_unit is None:
        return ""
    unit = _UNITS.get(one.period_unit, one.period_unit)
    times = one.frequency or one.frequency_max or 1
    upto = "up to " if one.frequency is None else ""
    if one.period == 1:
        said = f"{upto}{_TIMES.get(times, f'{times} times')} {'an' if unit == 'hour' else 'a'} {unit}"
    elif times == 1:
        span = number(one.period) + (f" to {number(one.period_max)}" if one.period_max else "")
        said = f"every {span} {unit}s"
    else:
        said = f"{upto}{_TIMES.get(times, f'{times} times')} in {number(one.period)} {unit}s"
    return f"{said} on {' and '.join(one.days)}" if one.days else said


def names(lists: Iterable[str]) -> str:
    """ "gp", "gp and ward", "gp, pharmacy and ward"."""
    ordered = sorted(set(lists))
    return ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} and {ordered[-1]}"


def by_value(pairs: Sequence[tuple[str, str]]) -> str:
    """ "gp and pharmacy: 5 mg twice a day; ward: 2.5 mg twice a day" from (list, value) pairs."""
    values: dict[str, list[str]] = {}
    for name, value in sorted(pairs):
        values.setdefault(value, []).append(name)
    return "; ".join(f"{names(lists)}: {value}" for value, lists in values.items())
