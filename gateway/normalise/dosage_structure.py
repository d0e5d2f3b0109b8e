"""A structured Dosage, already in one shape for all versions, as steps."""

from __future__ import annotations

from decimal import Decimal

from gateway.normalise.dose_text import read_dose_text
from gateway.normalise.dose_words import meal_relations
from gateway.records.as_written import Concept, Quantity, WrittenDosage, WrittenTiming
from gateway.records.dose import Amount, DoseStep, Maximum
from gateway.terminology.vocabulary import Vocabulary

Schedule = tuple[int | None, int | None, Decimal | None, Decimal | None, str | None, tuple[str, ...]]

#: HL7 GTSAbbreviation and v3 timing codes: times, period, unit, event.
_CODES: dict[str, tuple[int, int, str, str | None]] = {
    "QD": (1, 1, "d", None),
    "BID": (2, 1, "d", None),
    "TID": (3, 1, "d", None),
    "QID": (4, 1, "d", None),
    "QOD": (1, 2, "d", None),
    "AM": (1, 1, "d", "MORN"),
    "PM": (1, 1, "d", "EVE"),
    "BED": (1, 1, "d", "HS"),
    "WK": (1, 1, "wk", None),
    "MO": (1, 1, "mo", None),
    **{f"Q{n}H": (1, n, "h", None) for n in (1, 2, 3, 4, 6, 8, 12, 24)},
}
_UNITS = {"second": "s", "minute": "min", "hour": "h", "hr": "h", "day": "d", "week": "wk", "month": "mo", "year": "a"}
#: After sleep says when, and no hour.
_AFTER_SLEEP = "PHS"


def step_of(dosage: WrittenDosage, vocabulary: Vocabulary) -> DoseStep | None:
    """The step that the structure alone says, or None where it says too little, or more than a step can hold."""
    timing = dosage.timing or WrittenTiming()
    if any(q and q.comparator for q in (dosage.dose, dosage.dose_high)):
        return None
    low, unit = _amount(dosage.dose, vocabulary)
    high, high_unit = _amount(dosage.dose_high, vocabulary) if dosage.dose_high else (low, unit)
    frequency, frequency_max, period, period_max, period_unit, when = _schedule(timing, vocabulary)
    said = low is not None or high is not None or period is not None or dosage.as_needed or timing.count == 1
    if not said or (unit and high_unit and unit != high_unit):
        return None
    if low is not None and high is not None and low > high:
        return None
    once = timing.count == 1 and timing.count_max is None and (frequency or 1) == 1
    duration, duration_max, up_to = _bounds(timing)
    maxima = _maxima(dosage, vocabulary)
    return DoseStep(
        low=low if low is not None else high,
        high=high,
        unit=unit or high_unit,
        frequency=None if once else frequency,
        frequency_max=None if once else frequency_max,
        period=None if once else period,
        period_max=None if once else period_max,
        period_unit=None if once else period_unit,
        when=when,
        days=tuple(d.lower() for d in timing.days),
        times=timing.times,
        duration=duration,
        duration_max=duration_max,
        duration_up_to=up_to,
        over=_over(timing),
        over_max=timing.duration_max if timing.duration is not None and timing.duration_unit else None,
        maximum=maxima[0] if maxima else None,
        also_at_most=maxima[1:],
        as_needed=bool(dosage.as_needed),
        as_needed_for=next((w for c in dosage.as_needed_for if (w := c.words)), None),
        once=once,
        count=timing.count if timing.count and timing.count > 1 and timing.count_max is None else None,
    )


def _amount(quantity: Quantity | None, vocabulary: Vocabulary) -> tuple[Decimal | None, str | None]:
    if quantity is None or quantity.value is None or quantity.comparator:
        return None, None
    value = Decimal(format(quantity.value.normalize(), "f"))
    for word in (quantity.code, quantity.unit):
        if word and (unit := vocabulary.unit_words.get(word.lower())):
            return value, unit
    return value, quantity.unit


def _schedule(timing: WrittenTiming, vocabulary: Vocabulary) -> Schedule:
    """frequency, its maximum, period, its maximum, unit and events. A frequency without a period is none."""
    when = timing.when
    if timing.period is not None or timing.period_unit:
        period = timing.period if timing.period is not None else Decimal(1)
        if not period:
            return None, None, None, None, None, when
        most = timing.frequency_max if timing.frequency_max != timing.frequency else None
        times = timing.frequency if timing.frequency is not None or most else _said(timing) or 1
        return times, most, period, timing.period_max, timing.period_unit or "d", when
    if timing.code and (coded := _coded(timing.code, when, vocabulary)):
        return coded
    if timing.frequency is not None or timing.frequency_max is not None:
        return None, None, None, None, None, when
    said = _said(timing)
    if timing.days:
        return len(timing.days) * (said or 1), None, Decimal(1), None, "wk", when
    if said:
        return said, None, Decimal(1), None, "d", when
    return None, None, None, None, None, when


def _said(timing: WrittenTiming) -> int:
    """How many times of the day are named; none where one of them is only a meal."""
    if timing.times:
        return len(timing.times)
    return 0 if any(w in meal_relations() or w == _AFTER_SLEEP for w in timing.when) else len(timing.when)


def _coded(code: Concept, when: tuple[str, ...], vocabulary: Vocabulary) -> Schedule | None:
    """Timing.code, by its code, else by its words ("Twice a day")."""
    for coding in code.codings:
        if coding.code and (known := _CODES.get(coding.code.upper())):
            times, period, unit, event = known
            return times, None, Decimal(period), None, unit, when or ((event,) if event else ())
    for words in (code.text, *(c.display for c in code.codings)):
        if not words:
            continue
        if known := _CODES.get(words.upper()):
            times, period, unit, event = known
            return times, None, Decimal(period), None, unit, when or ((event,) if event else ())
        read = read_dose_text(words.partition("(")[0], vocabulary).sequence
        if len(read) == 1 and read[0].low is None and read[0].period is not None:
            one = read[0]
            return one.frequency, one.frequency_max, one.period, one.period_max, one.period_unit, when or one.when
    return None


def _unit_of_time(quantity: Quantity) -> str:
    word = (quantity.code or quantity.unit or "d").lower()
    return _UNITS.get(word.removesuffix("s") if len(word) > 2 else word, word)


def _bounds(timing: WrittenTiming) -> tuple[Amount | None, Decimal | None, bool]:
    """How long, the end of a range of it, and whether only its end was said."""
    low, high = timing.bounds, timing.bounds_high
    if low is not None and low.value is not None:
        length = Amount(low.value, _unit_of_time(low))
        same = high is not None and high.value is not None and _unit_of_time(high) == length.unit
        most = high.value if same and high and high.value != low.value else None
        return length, most, low.comparator in {"<", "<="}
    if high is not None and high.value is not None:
        return Amount(high.value, _unit_of_time(high)), None, True
    return None, None, False


def _over(timing: WrittenTiming) -> Amount | None:
    if timing.duration is None or not timing.duration_unit:
        return None
    return Amount(timing.duration, timing.duration_unit)


def _maxima(dosage: WrittenDosage, vocabulary: Vocabulary) -> tuple[Maximum, ...]:
    found = []
    for ratio in dosage.max_per_period:
        value, unit = _amount(ratio.numerator, vocabulary)
        below = ratio.denominator
        if value is not None and below and below.value:
            found.append(Maximum(value, unit or "dose", below.value, _unit_of_time(below)))
    return tuple(found)
