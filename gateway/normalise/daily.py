"""Amount per day, only where it is certain: never for weekly, as-needed, tapered, alternate-day or once-only doses."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from gateway.normalise.dose_words import meal_relations
from gateway.records.dose import DailyAmount, DoseStep
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary


def daily_amount(steps: Sequence[DoseStep], product: Product, vocabulary: Vocabulary) -> DailyAmount | None:
    """The sum over concurrent steps, in mg where the one strength of the product allows, else in the dose unit."""
    if not steps or any(_not_every_day(s) for s in steps):
        return None
    low = high = Decimal(0)
    units = set()
    for step in steps:
        times = _times_a_day(step)
        if times is None or step.low is None or step.high is None:
            return None
        amount = amount_in_mass(step, product, vocabulary)
        if amount is None:
            return None
        units.add(amount[2])
        low += amount[0] * times[0]
        high += amount[1] * times[1]
    if len(units) != 1:
        return None
    return DailyAmount(_plain(low), _plain(high), units.pop())


def _not_every_day(step: DoseStep) -> bool:
    """Whether a day may differ; "after meals and at bedtime" is taken to be four times, and is not certain to be."""
    ends = step.duration or step.until or step.count or step.once
    meals = meal_relations() & set(step.when)
    return bool(ends or step.as_needed or step.days or (meals and len(step.when) > len(meals)))


def _plain(value: Decimal) -> Decimal:
    return Decimal(format(value.normalize(), "f"))


def _times_a_day(step: DoseStep) -> tuple[Decimal, Decimal] | None:
    """How often a day, at least and at most; None where that is not said or less than daily."""
    if step.frequency is None or step.period is None:
        return None
    most = Decimal(step.frequency_max or step.frequency)
    if step.period_unit == "d" and step.period == 1 and step.period_max is None:
        return Decimal(step.frequency), most
    if step.period_unit == "h" and step.period_max is None and step.period and (Decimal(24) % step.period) == 0:
        return Decimal(step.frequency) * 24 / step.period, most * 24 / step.period
    return None


def amount_in_mass(step: DoseStep, product: Product, vocabulary: Vocabulary) -> tuple[Decimal, Decimal, str] | None:
    """(low, high, unit) of one dose. A unit that is not said counts the product's form: "one" of a tablet."""
    low, high = step.low or Decimal(0), step.high or Decimal(0)
    form = vocabulary.forms.get(product.form or "")
    unit = step.unit or (form.unit if form else None)
    known = vocabulary.units.get(unit or "")
    if known and known.dimension == "mass":
        return low * known.factor, high * known.factor, "mg"
    if unit is None:
        return None
    factor = _per_unit(unit, product, vocabulary)
    if factor is not None:
        return low * factor[0], high * factor[0], factor[1]
    return low, high, unit


def _per_unit(unit: str, product: Product, vocabulary: Vocabulary) -> tuple[Decimal, str] | None:
    """How much one dose unit holds, where the product has exactly one strength that says so."""
    if len(product.strengths) != 1 or len(product.ingredients) != 1:
        return None
    one: Strength = product.strengths[0]
    known = vocabulary.units.get(one.unit)
    if known is None or known.dimension != "mass":
        return None
    each = one.value * known.factor
    if one.per_unit is None:
        form = vocabulary.forms.get(product.form or "")
        counts = unit in {"tablet", "capsule", "sachet", "suppository", "puff", "patch", "pessary", "lozenge"}
        return (each, "mg") if counts and (form is None or form.unit == unit) else None
    same = one.per_unit == unit or {one.per_unit, unit} <= {"dose", "puff", "spray"}
    return (each / one.per_value, "mg") if same and one.per_value else None
