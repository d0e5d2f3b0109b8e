"""A structured Dosage, already in one shape for all versions, as steps."""

from __future__ import annotations

from decimal import Decimal

from gateway.records.as_written import Quantity, WrittenDosage, WrittenTiming
from gateway.records.dose import Amount, DoseStep, Maximum
from gateway.terminology.vocabulary import Vocabulary

#: HL7 GTSAbbreviation and v3 timing codes: times, period, unit, event.
_CODES: dict[str, tuple[int, int, str, str | None]] = {
    "BID": (2, 1, "d", None),
    "TID": (3, 1, "d", None),
    "QID": (4, 1, "d", None),
    "QD": (1, 1, "d", None),
    "QOD": (1, 2, "d", None),
    "AM": (1, 1, "d", "MORN"),
    "PM": (1, 1, "d", "EVE"),
    "Q1H": (1, 1, "h", None),
    "Q2H": (1, 2, "h", None),
    "Q3H": (1, 3, "h", None),
    "Q4H": (1, 4, "h", None),
    "Q6H": (1, 6, "h", None),
    "Q8H": (1, 8, "h", None),
    "BED": (1, 1, "d", "HS"),
    "WK": (1, 1, "wk", None),
    "MO": (1, 1, "mo", None),
}


def step_of(dosage: WrittenDosage, vocabulary: Vocabulary) -> DoseStep | None:
    """The step that the structure alone says, or None where it says too little to be one."""
    timing = dosage.timing or WrittenTiming()
    low, unit = _amount(dosage.dose, vocabulary)
    high, high_unit = _amount(dosage.dose_high, vocabulary) if dosage.dose_high else (low, unit)
    frequency, period, period_unit, when = _schedule(timing)
    if low is None and frequency is None and not dosage.as_needed:
        return None
    if unit and high_unit and unit != high_unit:
        return None
    return DoseStep(
        low=low if low is not None else high,
        high=high,
        unit=unit or high_unit,
        frequency=frequency,
        frequency_max=timing.frequency_max if timing.frequency_max != frequency else None,
        period=period,
        period_max=timing.period_max,
        period_unit=period_unit,
        when=when,
        days=tuple(d.lower() for d in timing.days),
        times=timing.times,
        duration=_bounds(timing),
        maximum=_maximum(dosage, vocabulary),
        as_needed=bool(dosage.as_needed),
        as_needed_for=next((w for c in dosage.as_needed_for if (w := c.words)), None),
        once=timing.count == 1 and frequency is None,
    )


def _amount(quantity: Quantity | None, vocabulary: Vocabulary) -> tuple[Decimal | None, str | None]:
    if quantity is None or quantity.value is None or quantity.comparator:
        return None, None
    value = Decimal(format(quantity.value.normalize(), "f"))
    for word in (quantity.code, quantity.unit):
        if word and (unit := vocabulary.unit_words.get(word.lower())):
            return value, unit
    return value, quantity.unit


def _schedule(timing: WrittenTiming) -> tuple[int | None, Decimal | None, str | None, tuple[str, ...]]:
    if timing.frequency is not None or timing.period is not None:
        return timing.frequency or 1, timing.period or Decimal(1), timing.period_unit or "d", timing.when
    if timing.code:
        for coding in timing.code.codings:
            if coding.code and (known := _CODES.get(coding.code.upper())):
                times, period, unit, event = known
                return times, Decimal(period), unit, (event,) if event else timing.when
    if timing.times:
        return len(timing.times), Decimal(1), "d", timing.when
    if timing.days:
        return len(timing.days), Decimal(1), "wk", timing.when
    exact = [w for w in timing.when if w not in {"AC", "PC", "C", "WAKE", "PHS"}]
    if exact and len(exact) == len(timing.when):
        return len(exact), Decimal(1), "d", timing.when
    return None, None, None, timing.when


def _bounds(timing: WrittenTiming) -> Amount | None:
    bounds = timing.bounds
    if bounds is None or bounds.value is None:
        return None
    unit = {"day": "d", "days": "d", "week": "wk", "weeks": "wk", "month": "mo", "months": "mo", "hour": "h"}
    word = (bounds.code or bounds.unit or "d").lower()
    return Amount(bounds.value, unit.get(word, word))


def _maximum(dosage: WrittenDosage, vocabulary: Vocabulary) -> Maximum | None:
    for ratio in dosage.max_per_period:
        value, unit = _amount(ratio.numerator, vocabulary)
        below = ratio.denominator
        if value is not None and below and below.value is not None:
            word = (below.code or below.unit or "d").lower()
            period = {"day": "d", "days": "d", "hour": "h", "hours": "h", "week": "wk"}.get(word, word)
            return Maximum(value, unit or "dose", below.value, period)
    return None
