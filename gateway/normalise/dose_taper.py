"""Tapers that are said in one sentence, written out step by step."""

from __future__ import annotations

from decimal import Decimal

import msgspec

from gateway.normalise.dose_facts import Reduce
from gateway.records.dose import Amount, DoseStep

#: A longer taper is left as text.
MOST_STEPS = 60


def tapered(before: list[DoseStep], taper: Reduce) -> list[DoseStep] | str:
    """The steps after the first; `before` holds that first step and gets its duration where none was said."""
    start = before[-1]
    if len(before) != 1 or start.low is None or start.low != start.high or start.period is None or start.as_needed:
        return "the taper does not say from what dose it starts"
    by, unit = taper.by.low, taper.by.unit
    if unit is not None and start.unit is not None and unit != start.unit:
        also = start.equal_to
        if also is None or also.unit != unit or also.low != also.high or not also.low:
            return "the taper is said in another unit than the dose"
        by = start.low * by / also.low
    if start.duration_max is not None or start.duration_up_to or start.until:
        return "the taper does not say when it begins"
    drop = start.low - taper.to
    if drop <= 0 or by <= 0 or drop % by or drop / by > MOST_STEPS:
        return "the taper does not come out even"
    every = _every(taper)
    before[-1] = msgspec.structs.replace(start, duration=start.duration or every)
    share = start.equal_to
    steps = []
    amount = start.low - by
    while amount > 0 and amount >= taper.to:
        last = taper.to > 0 and amount == taper.to
        equal = None
        if share is not None:
            value = share.low * amount / start.low
            equal = msgspec.structs.replace(share, low=value, high=value)
        steps.append(
            msgspec.structs.replace(
                start,
                low=amount,
                high=amount,
                duration=None if last else every,
                equal_to=equal,
                unit=start.unit or unit,
            )
        )
        amount -= by
    return steps


def _every(taper: Reduce) -> Amount:
    return Amount(Decimal(taper.every.value), taper.every.unit)
