"""How much of a medicine a dose is, so that two doses can be compared: per dose, per day, and how often.

The daily amount of a record is given only where it is certain. To compare two lists more is needed: weekly against
daily, patches, combinations. So a dose has here an average over the days, kept apart from what is shown to people.
"""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

from gateway.records.dose import DoseStep
from gateway.records.lists import MedicineEntry
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary

_DAYS = {
    "s": Decimal(1) / 86_400,
    "min": Decimal(1) / 1_440,
    "h": Decimal(1) / 24,
    "d": Decimal(1),
    "wk": Decimal(7),
    "mo": Decimal(30),
    "a": Decimal(365),
}
#: Every three months is every twelve or thirteen weeks.
_MONTH = (Decimal(28), Decimal(31))
_DOSE_WORDS = frozenset({"dose", "puff", "spray"})


class Span(Struct, frozen=True):
    """From `low` to `high` of `unit`, one value for each strength of a combination; masses are in mg."""

    low: tuple[Decimal, ...]
    high: tuple[Decimal, ...]
    unit: str

    def comparable(self, other: Span) -> bool:
        return self.unit == other.unit and len(self.high) == len(other.high)

    def plus(self, other: Span) -> Span:
        return Span(_add(self.low, other.low), _add(self.high, other.high), self.unit)

    def times(self, low: Decimal, high: Decimal) -> Span:
        return Span(tuple(v * low for v in self.low), tuple(v * high for v in self.high), self.unit)

    def most(self) -> Span:
        return Span(self.high, self.high, self.unit)

    def differs(self, other: Span, share: Decimal) -> bool:
        """Whether the least or the most are further apart than `share` of the larger."""
        pairs = (*zip(self.low, other.low, strict=True), *zip(self.high, other.high, strict=True))
        return any(abs(a - b) > share * max(abs(a), abs(b)) for a, b in pairs)

    def disjoint(self, other: Span) -> bool:
        pairs = zip(self.low, self.high, other.low, other.high, strict=True)
        return any(h < ol or oh < lo for lo, h, ol, oh in pairs)

    def ratios(self, other: Span) -> tuple[Decimal, ...]:
        """Larger over smaller, of the most and of the least."""
        pairs = (*zip(self.high, other.high, strict=True), *zip(self.low, other.low, strict=True))
        return tuple(max(a, b) / min(a, b) for a, b in pairs if a > 0 and b > 0)


class Times(Struct, frozen=True):
    """How often a day, at least and at most; `loose` where an interval is a range (every 4 to 6 hours) or a limit.

    `joint`: of part doses that may be taken together; `low` is then taken together, `high` each for itself.
    """

    low: Decimal
    high: Decimal
    loose: bool = False
    joint: bool = False


class Regimen(Struct, frozen=True, kw_only=True):
    """A dose that was read. `amounts` per step are measured (mg, units, ml), `counts` counted (tablets).

    `as_needed` is None where some steps are and some are not. `stepped`: the steps follow one another (a taper).
    `average` and `average_count` are per day, None where an amount or interval is not said.
    """

    amounts: tuple[Span | None, ...]
    counts: tuple[Span | None, ...]
    times: tuple[Times | None, ...]
    as_needed: bool | None
    stepped: bool
    average: Span | None
    average_count: Span | None
    times_a_day: Times | None


#: Regimens that were worked out, by what they depend on. A few hundred doses of products make most of all records.
_KNOWN: dict[tuple[object, ...], Regimen] = {}
_MOST_KNOWN = 20_000


def regimen_of(entry: MedicineEntry, vocabulary: Vocabulary) -> Regimen | None:
    """None where the dose was not read."""
    steps, product = entry.dose.sequence, entry.product
    if not entry.dose.parsed or not steps:
        return None
    key = (vocabulary.version, steps, product.strengths, product.form, len(product.ingredients))
    found = _KNOWN.get(key)
    if found is None:
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.clear()
        found = _KNOWN[key] = _worked_out(steps, product, vocabulary)
    return found


def _worked_out(steps: tuple[DoseStep, ...], product: Product, vocabulary: Vocabulary) -> Regimen:
    times = tuple(times_a_day(step) for step in steps)
    counts = tuple(_count(step, product, vocabulary) for step in steps)
    amounts = tuple(_measured(step, product, vocabulary) for step in steps)
    needed = {step.as_needed for step in steps}
    stepped = len(steps) > 1 and any(step.duration for step in steps)
    regular = needed == {False} and not stepped and not any(step.once for step in steps)
    return Regimen(
        amounts=amounts,
        counts=counts,
        times=times,
        as_needed=needed.pop() if len(needed) == 1 else None,
        stepped=stepped,
        average=_average(amounts, times) if regular else None,
        average_count=_capped(_average(counts, times), steps) if regular else None,
        times_a_day=None if stepped else _sum_times(times),
    )


def times_a_day(step: DoseStep) -> Times | None:
    """None where neither a frequency, times of day nor events are said, or it is given once only."""
    if step.once:
        return None
    if step.period is None or step.period_unit not in _DAYS or not step.period:
        said = len(step.times) or len(step.when)
        return Times(Decimal(said), Decimal(said)) if said else None
    most = step.frequency_max or step.frequency
    if most is None:
        return None
    shortest, most_days = _MONTH if step.period_unit == "mo" else (_DAYS[step.period_unit],) * 2
    days, longest = step.period * shortest, (step.period_max or step.period) * most_days
    low, high = Decimal(step.frequency or most) / longest, Decimal(most) / days
    if step.days and step.period_unit == "d":
        low, high = low * len(step.days) / 7, high * len(step.days) / 7
    loose = step.period_max is not None or step.frequency is None or step.period_unit == "mo"
    if step.maximum and step.maximum.period_unit in _DAYS:
        loose = True
    return Times(low, high, loose)


def course_days(steps: tuple[DoseStep, ...]) -> Decimal | None:
    """How long the steps last one after the other, at most ten years; None where a step has no end."""
    lasts = [step.duration for step in steps if step.duration and step.duration.unit in _DAYS]
    if not steps or len(lasts) != len(steps):
        return None
    return min(sum((one.value * _DAYS[one.unit] for one in lasts), Decimal(0)), Decimal(3650))


def _average(amounts: tuple[Span | None, ...], times: tuple[Times | None, ...]) -> Span | None:
    total: Span | None = None
    for amount, often in zip(amounts, times, strict=True):
        if amount is None or often is None:
            return None
        daily = amount.times(often.low, often.high)
        if total is not None and not total.comparable(daily):
            return None
        total = daily if total is None else total.plus(daily)
    return total


def _capped(average: Span | None, steps: tuple[DoseStep, ...]) -> Span | None:
    """ "Two every 4 to 6 hours, at most 8 in 24 hours" is at most 8 a day."""
    most = steps[0].maximum if len(steps) == 1 else None
    if average is None or most is None or most.period_unit not in _DAYS or len(average.high) != 1:
        return average
    if most.unit not in {"item", average.unit}:
        return average
    limit = most.value / (most.period * _DAYS[most.period_unit])
    high = min(average.high[0], limit)
    return Span((min(average.low[0], high),), (high,), average.unit)


def _sum_times(times: tuple[Times | None, ...]) -> Times | None:
    known = [t for t in times if t is not None]
    if len(known) != len(times):
        return None
    return Times(sum((t.low for t in known), Decimal(0)), sum((t.high for t in known), Decimal(0)), _any_loose(known))


def _any_loose(times: list[Times]) -> bool:
    return any(t.loose for t in times)


def _unit(step: DoseStep, product: Product, vocabulary: Vocabulary) -> str | None:
    form = vocabulary.forms.get(product.form or "")
    return step.unit or (form.unit if form else None)


def _count(step: DoseStep, product: Product, vocabulary: Vocabulary) -> Span | None:
    if step.low is None or step.high is None:
        return None
    return Span((step.low,), (step.high,), _unit(step, product, vocabulary) or "item")


def _measured(step: DoseStep, product: Product, vocabulary: Vocabulary) -> Span | None:
    """One dose in mg, units or ml; a counted dose by the strength of what is counted; None where not certain."""
    if step.low is None or step.high is None:
        return None
    unit = _unit(step, product, vocabulary)
    known = vocabulary.units.get(unit or "")
    if known and known.dimension in {"mass", "activity", "amount"}:
        if len(product.ingredients) > 1 and known.dimension == "mass":
            return None
        return Span((step.low * known.factor,), (step.high * known.factor,), _base(known.dimension))
    factor = known.factor if known and known.dimension else Decimal(1)
    each = [_held(s, unit, vocabulary) for s in product.strengths]
    found = [e for e in each if e is not None]
    if found and len(found) == len(each) == max(1, len(product.ingredients)) and len({u for _, u in found}) == 1:
        low = tuple(v * step.low * factor for v, _ in found)
        high = tuple(v * step.high * factor for v, _ in found)
        return Span(low, high, found[0][1])
    if known and known.dimension == "volume":
        return Span((step.low * factor,), (step.high * factor,), "ml")
    return None


def _held(strength: Strength, unit: str | None, vocabulary: Vocabulary) -> tuple[Decimal, str] | None:
    """What one dose unit (one ml of a liquid) holds of one ingredient."""
    known = vocabulary.units.get(strength.unit)
    if known is None or not known.dimension:
        return None
    value = strength.value * known.factor
    counted = vocabulary.units.get(unit or "")
    if strength.per_unit is None:
        return (value, _base(known.dimension)) if counted is None or not counted.dimension else None
    per = vocabulary.units.get(strength.per_unit)
    per_value = strength.per_value or Decimal(1)
    if per and per.dimension == "time":
        return value / (per_value * per.factor), f"{_base(known.dimension)} an hour"
    if per and per.dimension and counted and counted.dimension == per.dimension:
        return value / (per_value * per.factor), _base(known.dimension)
    if strength.per_unit == unit or {strength.per_unit, unit} <= _DOSE_WORDS:
        return value / per_value, _base(known.dimension)
    return None


def _base(dimension: str | None) -> str:
    return {"mass": "mg", "activity": "unit", "amount": "mmol", "volume": "ml"}.get(dimension or "", dimension or "")


def _add(a: tuple[Decimal, ...], b: tuple[Decimal, ...]) -> tuple[Decimal, ...]:
    return tuple(x + y for x, y in zip(a, b, strict=True))
