"""Comparing doses of one medicine: by daily amount where it is certain, else by amount and interval."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.discrepancies.view import RuleView
from gateway.records.dose import DoseStep
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Row

_HOURS = {"h": Decimal(1), "d": Decimal(24), "wk": Decimal(168), "mo": Decimal(720), "min": Decimal(1) / 60}


def daily_by_list(view: RuleView, row: Row) -> dict[str, tuple[Decimal, str]]:
    """Total daily amount of a row for each list whose current entries all have one in one unit (part doses add up)."""
    totals = {}
    for name, entries in view.lists_with(row).items():
        amounts = [e.dose.daily for e in entries]
        units = {a.unit for a in amounts if a}
        if len(units) == 1 and all(amounts):
            totals[name] = (sum((a.high for a in amounts if a), Decimal(0)), units.pop())
    return totals if len(totals) == len(view.lists_with(row)) and len({u for _, u in totals.values()}) == 1 else {}


def differ(totals: dict[str, tuple[Decimal, str]], share: Decimal) -> bool:
    values = [value for value, _ in totals.values()]
    return max(values) - min(values) > share * max(values)


def compared(line: Sequence[MedicineEntry], share: Decimal) -> bool:
    """Whether any two doses of a line differ; doses that were not read are not compared."""
    read = [e for e in line if e.dose.parsed]
    return any(_differ(a, b, share) for i, a in enumerate(read) for b in read[i + 1 :])


def _differ(a: MedicineEntry, b: MedicineEntry, share: Decimal) -> bool:
    one, two = a.dose.daily, b.dose.daily
    if one and two and one.unit == two.unit:
        larger = max(one.high, two.high)
        return max(abs(one.high - two.high), abs(one.low - two.low)) > share * larger
    if one and two:
        return False
    if len(a.dose.sequence) != len(b.dose.sequence):
        return True
    return any(_step_differs(x, y) for x, y in zip(a.dose.sequence, b.dose.sequence, strict=True))


def _step_differs(a: DoseStep, b: DoseStep) -> bool:
    same_unit = a.unit == b.unit
    if same_unit and (a.low, a.high) != (b.low, b.high) and None not in (a.low, b.low):
        return True
    ours, theirs = per_hour(a), per_hour(b)
    return ours is not None and theirs is not None and ours != theirs


def per_hour(step: DoseStep) -> Decimal | None:
    """Times an hour at most; None where it is not said."""
    times = step.frequency_max or step.frequency
    if times is None or not step.period or step.period_unit not in _HOURS:
        return None
    return Decimal(times) / (step.period * _HOURS[step.period_unit])


def ratio(line: Sequence[MedicineEntry]) -> Decimal | None:
    """Largest daily amount over smallest, where all that have one have the same unit."""
    amounts = [e.dose.daily for e in line if e.dose.daily]
    if len(amounts) < 2 or len({a.unit for a in amounts}) != 1:
        return None
    low, high = min(a.high for a in amounts), max(a.high for a in amounts)
    return high / low if low else None


def ratio_words(line: Sequence[MedicineEntry]) -> str:
    found = ratio(line)
    words = {Decimal(2): ", one is half of the other", Decimal(3): ", one is a third of the other"}
    return words.get(found, "") if found else ""
