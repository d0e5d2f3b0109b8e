"""A dose that was read, written back in plain UK English; `read_dose_text` reads every such text as the same dose."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal

from gateway.records.dose import Amount, Dose, DoseStep, Maximum

_PERIODS = {"s": "second", "min": "minute", "h": "hour", "d": "day", "wk": "week", "mo": "month", "a": "year"}
_DAYS = {"mon": "Monday", "tue": "Tuesday", "wed": "Wednesday", "thu": "Thursday", "fri": "Friday"}
_DAYS |= {"sat": "Saturday", "sun": "Sunday"}
_WHEN = {"MORN": "in the morning", "NOON": "at noon", "AFT": "in the afternoon", "EVE": "in the evening"}
_WHEN |= {"NIGHT": "at night", "HS": "at bedtime", "WAKE": "on waking"}
_WHEN |= {"ACM": "before breakfast", "ACD": "before lunch", "ACV": "before the evening meal"}
_WHEN |= {"PCM": "after breakfast", "PCD": "after lunch", "PCV": "after the evening meal"}
_WHEN |= {"CM": "with breakfast", "CD": "with lunch", "CV": "with the evening meal"}
_FOOD = {"AC": "before", "PC": "after", "C": "with"}
_NO_PLURAL = frozenset({"mg", "g", "kg", "ml", "mmol", "meq", "cm", "%", "oz", "kbq"})
_PLURALS = {"patch": "patches", "suppository": "suppositories", "pessary": "pessaries", "inch": "inches"}
_PLURALS |= {"applicatorful": "applicatorfuls", "capful": "capfuls", "spoonful": "spoonfuls", "gum": "pieces of gum"}


def render(dose: Dose) -> str:
    """All steps of a dose that was read, joined by "and" where they go together and "then" where one follows another.

    Of a dose that was not read, its text as written; an empty string where there is none.
    """
    if not dose.parsed:
        return dose.text or ""
    return render_steps(dose.sequence, repeats=dose.repeats)


def render_steps(steps: Sequence[DoseStep], *, repeats: bool = False) -> str:
    said = ""
    for n, step in enumerate(steps):
        if n:
            said += " and " if _together(steps[n - 1], step) else ", then "
        said += _pause(step, repeats=repeats) if _is_pause(step) else render_step(step)
    return said


def render_step(step: DoseStep) -> str:
    """ "2 puffs 4 times a day when needed for wheeze, at most 8 puffs in 24 hours"."""
    parts = [
        _amount(step),
        "once only" if step.once else _often(step),
        f"on {_listed(_DAYS[d] for d in step.days)}" if step.days else "",
        _listed(_events(step.when)),
        f"at {_listed(step.times)}" if step.times else "",
        f"over {_length(step.over, step.over_max)}" if step.over else "",
        f"for {step.count} doses" if step.count else "",
        _duration(step),
        f"until {step.until}" if step.until else "",
        _needed(step),
    ]
    said = " ".join(p for p in parts if p)
    for most in filter(None, (step.maximum, *step.also_at_most)):
        said += f", at most {_most(most)} in {_length(Amount(most.period, most.period_unit))}"
    return said


def number(value: Decimal) -> str:
    """Exactly, without exponent or trailing zeros; whole numbers from 1,000 with commas."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if "." in text else f"{int(text):,}"


def counted(low: Decimal, high: Decimal, unit: str | None) -> str:
    """ "1 tablet", "1 to 2 tablets", "5 mg", "half"-free: 0.5 tablets is "0.5 tablet"."""
    said = number(low) if low == high else f"{number(low)} to {number(high)}"
    if not unit:
        return said
    plural = unit if unit in _NO_PLURAL or high <= 1 else _PLURALS.get(unit, f"{unit}s")
    return f"{said} {plural}"


def _amount(step: DoseStep) -> str:
    if step.low is None or step.high is None:
        return ""
    said = counted(step.low, step.high, step.unit)
    also = step.equal_to
    return f"{said} ({counted(also.low, also.high, also.unit)})" if also else said


def _often(step: DoseStep) -> str:
    if step.period is None or step.period_unit is None:
        return ""
    least, most = step.frequency, step.frequency_max
    unit = _PERIODS.get(step.period_unit, step.period_unit)
    if least == 1 and most is None and (step.period != 1 or step.period_max is not None):
        return f"every {_spread(step.period, step.period_max)} {unit}s"
    times = _times(least, most)
    if step.period == 1 and step.period_max is None:
        return f"{times} {'an' if unit == 'hour' else 'a'} {unit}"
    if step.period_max is not None:
        return f"{times} every {_spread(step.period, step.period_max)} {unit}s"
    return f"{times} in {number(step.period)} {unit}s"


def _times(least: int | None, most: int | None) -> str:
    words = {1: "once", 2: "twice"}
    if least is None:
        return f"up to {words.get(most or 1, f'{most} times')}"
    if most is None:
        return words.get(least, f"{least} times")
    if (least, most) == (1, 2):
        return "once or twice"
    return f"{least} to {most} times"


def _spread(low: Decimal, high: Decimal | None) -> str:
    return number(low) if high is None else f"{number(low)} to {number(high)}"


def _events(when: Iterable[str]) -> list[str]:
    """With a time of the day beside them meals are said, else food: "after meals and at bedtime"."""
    codes = list(when)
    food = "meals" if any(c not in _FOOD for c in codes) else "food"
    return [f"{_FOOD[c]} {food}" if c in _FOOD else _WHEN.get(c, c) for c in codes]


def _duration(step: DoseStep) -> str:
    one = step.duration
    if one is None:
        return ""
    return f"for {'up to ' if step.duration_up_to else ''}{_length(one, step.duration_max)}"


def _length(one: Amount, most: Decimal | None = None) -> str:
    unit = _PERIODS.get(one.unit, one.unit)
    return f"{_spread(one.value, most)} {unit}{'' if one.value == 1 and most is None else 's'}"


def _needed(step: DoseStep) -> str:
    if not step.as_needed:
        return ""
    return f"when needed for {step.as_needed_for}" if step.as_needed_for else "when needed"


def _most(one: Maximum) -> str:
    return counted(one.value, one.value, None if one.unit == "item" else one.unit)


def _is_pause(step: DoseStep) -> bool:
    return step.low == 0 and step.high == 0 and step.duration is not None


def _pause(step: DoseStep, *, repeats: bool) -> str:
    length = step.duration or Amount(Decimal(0), "d")
    lead = "repeat after a" if repeats else "a"
    return f"{lead} {number(length.value)} {_PERIODS.get(length.unit, length.unit)} treatment free interval"


def _together(one: DoseStep, two: DoseStep) -> bool:
    """Part doses of one day or week, or a regular and an as-needed dose; not the steps of a course."""
    if _is_pause(one) or _is_pause(two) or one.once or two.once:
        return False
    if (one.duration, one.until) != (two.duration, two.until):
        return False
    timed = bool(one.when or one.days or one.times) and bool(two.when or two.days or two.times)
    return timed or not (one.duration or one.until)


def _listed(words: Iterable[str]) -> str:
    given = list(words)
    if len(given) < 2:
        return "".join(given)
    return f"{', '.join(given[:-1])} and {given[-1]}"
