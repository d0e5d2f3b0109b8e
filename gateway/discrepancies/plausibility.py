"""Doses that cannot be meant: they are told by a rule of their own, and no other dose is compared with them."""

from __future__ import annotations

from gateway.discrepancies.amounts import Regimen
from gateway.discrepancies.knowledge import PlausibleDoses
from gateway.discrepancies.words import number


def cannot_be_meant(regimen: Regimen, known: PlausibleDoses) -> str | None:
    """In words why: a pack size as a single dose, or too many times a day; else None."""
    for count in regimen.counts:
        if count and count.unit in known.pack_units and count.high[0] in known.pack_sizes:
            return f"{number(count.high[0])} is a pack size"
    often = regimen.times_a_day
    if often and often.high > known.times_a_day_more_than:
        return f"that is {number(often.high)} times a day"
    return None
