"""How rules put values in words; a dose that was not read is quoted as written."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from functools import lru_cache

from gateway.discrepancies.amounts import Span
from gateway.discrepancies.view import RuleView
from gateway.records.dose import Amount, DoseStep
from gateway.records.lists import MedicineEntry
from gateway.records.product import Strength

_UNITS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
_TIMES = {1: "once", 2: "twice"}
_DAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}
_WHEN = {"MORN": "in the morning", "NOON": "at noon", "AFT": "in the afternoon", "EVE": "in the evening"}
_WHEN |= {"NIGHT": "at night", "HS": "at bedtime", "WAKE": "on waking"}
_WHEN |= {"AC": "before food", "PC": "after food", "C": "with food"}
_WHEN |= {"CM": "with breakfast", "CD": "with lunch", "CV": "with the evening meal"}
_NO_PLURAL = frozenset({"mg", "g", "kg", "ml", "%", "mmol", "meq", "kbq"})
_RELATIONS = {2: ("half of", "double"), 3: ("a third of", "three times"), 4: ("a quarter of", "four times")}
_RELATIONS |= {5: ("a fifth of", "five times"), 7: ("a seventh of", "seven times"), 10: ("a tenth of", "ten times")}
_RELATIONS |= {100: ("a hundredth of", "a hundred times"), 1000: ("a thousandth of", "a thousand times")}


@lru_cache(maxsize=4096)
def number(value: Decimal) -> str:
    """Without exponent or trailing zeros, at most three places, commas from 1,000 (NHS Common User Interface)."""
    text = format(round(value, 3), "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    whole, _, part = text.partition(".")
    return f"{int(whole):,}{'.' + part if part else ''}"


@lru_cache(maxsize=4096)
def amount(low: Decimal, high: Decimal, unit: str) -> str:
    """ "5 mg", "1 to 2 tablets"; below 1 mg in micrograms, so that no decimal is misread."""
    per = unit.removeprefix("mg") if unit.startswith("mg ") else ""
    if (unit == "mg" or per) and 0 < high < 1:
        low, high, unit = low * 1000, high * 1000, f"microgram{per}"
    said = number(low) if low == high else f"{number(low)} to {number(high)}"
    first, _, rest = unit.partition(" ")
    plural = unit if first in _NO_PLURAL or high <= 1 else f"{first}s {rest}".strip()
    return f"{said} {plural}"


@lru_cache(maxsize=4096)
def span(one: Span) -> str:
    """A combination's amounts stand in the order of its strengths."""
    return " + ".join(amount(low, high, one.unit) for low, high in zip(one.low, one.high, strict=True))


@lru_cache(maxsize=4096)
def strength(one: Strength) -> str:
    said = amount(one.value, one.value, one.unit)
    if not one.per_unit:
        return said
    per_value = one.per_value or Decimal(1)
    return f"{said} in {number(per_value)} {one.per_unit}" if per_value != 1 else f"{said} per {one.per_unit}"


def strengths(entry: MedicineEntry) -> str:
    return " + ".join(strength(s) for s in entry.product.strengths) or "no strength stated"


def dose(entry: MedicineEntry, view: RuleView) -> str:
    """The dose in words, by its mass where that is certain ("5 mg twice a day"), else as written in quotes."""
    key = ("dose in words", entry.id)
    said = view.memo.get(key)
    if not isinstance(said, str):
        said = view.memo[key] = _dose(entry, view)
    return said


def _dose(entry: MedicineEntry, view: RuleView) -> str:
    regimen = view.regimen(entry)
    if regimen is None:
        return quoted(entry)
    product = entry.product
    of = f" of {strengths(entry)}" if len(product.ingredients) > 1 and product.strengths else ""
    parts = [(f"{amount}{of}" if amount else "", rest) for amount, rest in dose_parts(entry, view)]
    said = [" ".join(filter(None, part)) or "times not stated" for part in parts]
    return (", then " if regimen.stepped else " and ").join(said) or quoted(entry)


def dose_parts(entry: MedicineEntry, view: RuleView) -> tuple[tuple[str, str], ...]:
    """Of each step the amount ("5 mg") and the rest ("twice a day"); either may be empty. None of an unread dose."""
    regimen = view.regimen(entry)
    if regimen is None:
        return ()
    single = len(entry.product.ingredients) < 2
    return tuple(
        (_amount(step, regimen.amounts[n] if single else None, regimen.counts[n]), _rest(step))
        for n, step in enumerate(entry.dose.sequence)
    )


def quoted(entry: MedicineEntry) -> str:
    return f'"{entry.dose.text}"' if entry.dose.text else "no dose stated"


def _amount(step: DoseStep, measured: Span | None, counted: Span | None) -> str:
    if measured is not None:
        return span(measured)
    if step.low is None or step.high is None:
        return ""
    unit = step.unit or (counted.unit if counted else "item")
    return _count(step) if unit == "item" else amount(step.low, step.high, unit)


@lru_cache(maxsize=4096)
def _rest(step: DoseStep) -> str:
    parts = [frequency(step)]
    parts += [_WHEN[w] for w in step.when if w in _WHEN]
    parts += [f"at {time}" for time in step.times]
    if step.over:
        parts.append(f"over {_length(step.over, step.over_max)}")
    if step.count:
        parts.append(f"for {step.count} doses")
    if step.duration:
        parts.append(f"for {'up to ' if step.duration_up_to else ''}{_length(step.duration, step.duration_max)}")
    if step.until:
        parts.append(f"until {step.until}")
    if step.as_needed:
        parts.append(f"when needed for {step.as_needed_for}" if step.as_needed_for else "when needed")
    for most in filter(None, (step.maximum, *step.also_at_most)):
        said = amount(most.value, most.value, most.unit)
        parts.append(f"at most {said} in {_length(Amount(most.period, most.period_unit))}")
    return " ".join(p for p in parts if p)


def _length(one: Amount, most: Decimal | None = None) -> str:
    return amount(one.value, most or one.value, _UNITS.get(one.unit, one.unit))


def _count(step: DoseStep) -> str:
    low, high = step.low or Decimal(0), step.high or Decimal(0)
    return number(low) if low == high else f"{number(low)} to {number(high)}"


def frequency(step: DoseStep) -> str:
    """ "twice a day", "once a week on Monday", "every 6 hours"; an empty string where it is not said."""
    days = f"on {' and '.join(_DAYS.get(d, d) for d in step.days)}" if step.days else ""
    if step.once:
        return "once only"
    if step.period is None or step.period_unit is None:
        return days
    unit = _UNITS.get(step.period_unit, step.period_unit)
    least, most = step.frequency, step.frequency_max or step.frequency or 1
    many = _TIMES.get(most, f"{most} times")
    if least is None:
        many = f"up to {many}"
    elif most != least:
        many = f"{least} to {most} times"
    if step.period == 1 and step.period_max is None:
        said = f"{many} {'an' if unit == 'hour' else 'a'} {unit}"
    elif most == 1:
        said = f"every {number(step.period)}{f' to {number(step.period_max)}' if step.period_max else ''} {unit}s"
    else:
        said = f"{many} in {number(step.period)} {unit}s"
    return f"{said} {days}".strip()


def weekday(code: str) -> str:
    return _DAYS.get(code, code)


@lru_cache(maxsize=4096)
def relation(ratio: Decimal, *, first_is_larger: bool) -> str:
    """ "half of", "double", "about ten times", "lower than"."""
    for whole, (smaller, larger) in _RELATIONS.items():
        if abs(ratio - whole) <= Decimal("0.02") * whole:
            return larger if first_is_larger else smaller
    if ratio >= 8:
        times = f"about {number(Decimal(round(ratio)))} times"
        return times if first_is_larger else f"{times} lower than"
    return "higher than" if first_is_larger else "lower than"


def names(lists: Iterable[str]) -> str:
    """ "gp", "gp and ward", "gp, pharmacy and ward"."""
    ordered = sorted(set(lists))
    return ordered[0] if len(ordered) == 1 else f"{', '.join(ordered[:-1])} and {ordered[-1]}"


def the_lists(lists: Iterable[str]) -> str:
    """ "the gp list", "the gp and pharmacy lists"."""
    given = set(lists)
    return f"the {names(given)} list{'' if len(given) == 1 else 's'}"


def by_value(pairs: Iterable[tuple[str, str]]) -> str:
    """ "gp and pharmacy: 5 mg twice a day; ward: 2.5 mg twice a day" from (list, value) pairs."""
    values: dict[str, list[str]] = {}
    for name, value in sorted(pairs):
        values.setdefault(value, []).append(name)
    return "; ".join(f"{names(lists)}: {value}" for value, lists in values.items())


def by_list(pairs: Iterable[tuple[str, str]]) -> str:
    """ "gp: Losec 20mg capsules and Omeprazole 20mg capsules; ward: ..." from (list, value) pairs."""
    values: dict[str, list[str]] = {}
    for name, value in sorted(pairs):
        values.setdefault(name, []).append(value)
    return "; ".join(f"{name}: {listed(found)}" for name, found in values.items())


def listed(words: Iterable[str]) -> str:
    """ "a", "a and b", "a, b and c", in the order given."""
    given = list(dict.fromkeys(words))
    return given[0] if len(given) == 1 else f"{', '.join(given[:-1])} and {given[-1]}"


def same_words_cause(medicines: Iterable[str], claim: str) -> str:
    """Why a claim of absence is not made: the same words stand on the other list, in a name that is not understood."""
    return (
        f"whether {listed(medicines)} is {claim} cannot be said: the same words stand on another list, and the "
        "name is not understood; a person must say whether they are one medicine"
    )
