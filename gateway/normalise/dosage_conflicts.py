"""How the words and the structure of one dosage differ. What only one of them says is no conflict."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.normalise.daily import amount_in_mass
from gateway.normalise.dose_words import load_dose_words
from gateway.records.as_written import WrittenDosage
from gateway.records.dose import AmountRange, DoseStep
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary

_HOURS = {"s": 1 / Decimal(3600), "min": 1 / Decimal(60), "h": Decimal(1), "d": Decimal(24)}
_HOURS |= {"wk": Decimal(168), "mo": Decimal(730), "a": Decimal(8766)}
#: Monthly and every four weeks are told apart by nobody; three months and twelve weeks neither.
_LOOSE = frozenset({"mo", "a"})
_LOOSELY = Decimal("0.1")
_DOSES = frozenset({"dose", "puff", "spray"})


def disagreement(
    said: Sequence[DoseStep], step: DoseStep, dosage: WrittenDosage, product: Product, vocabulary: Vocabulary
) -> str | None:
    """In words, both values named; None where they agree. Of several steps in words the structure may be any one."""
    found = [_differs(one, step, dosage, product, vocabulary) for one in said]
    if len(said) > 1:
        if None in found or _same_day(said, step):
            return None
        return f"{len(said)} steps in words, of which the structure, {_amount(step)} {_times(step)}, is none"
    return found[0] if found else None


def _differs(
    one: DoseStep, step: DoseStep, dosage: WrittenDosage, product: Product, vocabulary: Vocabulary
) -> str | None:
    ours, theirs = rate(one), rate(step)
    if ours and theirs and not _same_rate(one, step):
        return f"{_times(one)} in words, {_times(step)} in structure"
    if one.once != step.once and (ours or theirs or (one.once and step.as_needed)):
        return f"{_times(one)} in words, {_times(step)} in structure"
    if same_amount(one, step, product, vocabulary) is False:
        return f"{_amount(one)} in words, {_amount(step)} in structure"
    for words, structure in ((one.days, step.days), (one.times, step.times), (_slots(one.when), _slots(step.when))):
        if words and structure and set(words) != set(structure):
            return f"{', '.join(words)} in words, {', '.join(structure)} in structure"
    if (
        one.duration
        and step.duration
        and _hours(one.duration.value, one.duration.unit) != _hours(step.duration.value, step.duration.unit)
    ):
        return (
            f"for {one.duration.value} {one.duration.unit} in words, "
            f"for {step.duration.value} {step.duration.unit} in structure"
        )
    if one.as_needed and dosage.as_needed is False:
        return "as needed in words, not as needed in structure"
    return _maximum(one, step)


def _maximum(one: DoseStep, step: DoseStep) -> str | None:
    ours, theirs = one.maximum, step.maximum
    if ours is None or theirs is None or ours.unit != theirs.unit:
        return None
    same = _hours(ours.period, ours.period_unit) == _hours(theirs.period, theirs.period_unit)
    if not same or ours.value == theirs.value:
        return None
    return f"at most {format(ours.value, 'f')} in words, at most {format(theirs.value, 'f')} in structure"


def same_amount(one: DoseStep, step: DoseStep, product: Product, vocabulary: Vocabulary) -> bool | None:
    """None where the two amounts cannot be compared: tablets and mg of a product whose strength is not known."""
    if one.low is None or step.low is None:
        return None
    ways = [one, *([_also(one, one.equal_to)] if one.equal_to else [])]
    compared = []
    for way in ways:
        if way.unit == step.unit or {way.unit, step.unit} <= _DOSES or way.unit is None:
            if (way.low, way.high) == (step.low, step.high):
                return True
            if way.unit is not None or step.unit not in vocabulary.units or not vocabulary.units[step.unit].dimension:
                compared.append(False)
        first, second = amount_in_mass(way, product, vocabulary), amount_in_mass(step, product, vocabulary)
        if first and second and first[2] == second[2]:
            if first == second:
                return True
            compared.append(False)
    return False if compared else None


def _also(step: DoseStep, other: AmountRange) -> DoseStep:
    return DoseStep(low=other.low, high=other.high, unit=other.unit)


def rate(step: DoseStep) -> tuple[Decimal, Decimal | None] | None:
    """Times per hour, so that "twice a day" and "every 12 hours" agree; with the longest interval as second."""
    often = step.frequency_max or step.frequency
    if often is None or not step.period or step.period_unit not in _HOURS:
        return None
    unit = _HOURS[step.period_unit]
    longest = step.period_max * unit if step.period_max else None
    share = Decimal(len(step.days)) / 7 if step.days and step.period_unit == "d" else Decimal(1)
    return Decimal(often) * share / (step.period * unit), longest


def _same_rate(one: DoseStep, step: DoseStep) -> bool:
    ours, theirs = rate(one), rate(step)
    if ours is None or theirs is None:
        return True
    loose = {one.period_unit, step.period_unit} & _LOOSE
    allowed = _LOOSELY * max(ours[0], theirs[0]) if loose else Decimal("1e-12")
    return abs(ours[0] - theirs[0]) <= allowed and (ours[1] == theirs[1] or ours[1] is None or theirs[1] is None)


def _same_day(said: Sequence[DoseStep], step: DoseStep) -> bool:
    """Whether the parts of a day in words are together as often, or as much, as the structure says."""
    if any(s.duration or s.until or s.once or s.frequency is None or s.period_unit != "d" for s in said):
        return False
    total = rate(step)
    rates = [rate(s) for s in said]
    often = sum((r[0] for r in rates if r), Decimal(0))
    return total is not None and abs(often - total[0]) < Decimal("1e-12") and step.low is None


def _slots(when: tuple[str, ...]) -> tuple[str, ...]:
    words = load_dose_words()
    return tuple(dict.fromkeys(words.slots.get(w, w) for w in when if w in words.parts_of_the_day))


def _hours(value: Decimal, unit: str) -> Decimal | None:
    return value * _HOURS[unit] if unit in _HOURS else None


def _times(step: DoseStep) -> str:
    if step.once:
        return "once only"
    if step.period is None:
        return "as needed" if step.as_needed else "no times"
    often = step.frequency_max or step.frequency or 1
    return f"{'up to ' if step.frequency is None else ''}{often} in {format(step.period, 'f')} {step.period_unit}"


def _amount(step: DoseStep) -> str:
    low, high = format(step.low or 0, "f"), format(step.high or 0, "f")
    return f"{low if low == high else f'{low} to {high}'} {step.unit or ''}".strip()
