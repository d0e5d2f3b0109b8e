"""Whether an entry is current on a day: facts of status and dates only, never of what seems likely."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from gateway.records.as_written import EntryAsWritten
from gateway.records.dates import last_day

#: What a dispense without days' supply is taken to last, and how long after its end it still counts (CONTRACTS).
SUPPLY_DAYS = 28

_NEVER = {"stopped", "completed", "not-taken", "cancelled", "entered-in-error", "ended", "declined", "draft"}
_DISPENSED = {"completed", "in-progress", "preparation", "on-hold", "unknown", "active"}


def is_current(entry: EntryAsWritten, at: dt.date) -> tuple[bool, str | None]:
    """(current, why not). Dates are read in London where they carry a time and zone."""
    if entry.do_not_perform:
        return False, "an instruction not to give it"
    if entry.kind == "MedicationDispense":
        return _supply_reaches(entry, at)
    if entry.status in _NEVER:
        return False, f"status {entry.status}"
    end = last_day(entry.end)
    if end is not None and end < at:
        return False, f"ended {end.isoformat()}"
    if entry.status == "unknown" and entry.end:
        return False, "status unknown, with an end date"
    return True, None


def _supply_reaches(entry: EntryAsWritten, at: dt.date) -> tuple[bool, str | None]:
    if entry.status not in _DISPENSED:
        return False, f"status {entry.status}"
    given = last_day(entry.handed_over or entry.asserted)
    if given is None:
        return False, "no date of supply"
    ends = given + dt.timedelta(days=supply_days(entry))
    if ends + dt.timedelta(days=SUPPLY_DAYS) < at:
        return False, f"supply ended {ends.isoformat()}"
    return True, None


def supply_days(entry: EntryAsWritten) -> int:
    """Days' supply as written (days or weeks), else 28; at most ten years, so that no number overflows a date."""
    supply = entry.days_supply
    if supply is None or supply.value is None or supply.value <= 0:
        return SUPPLY_DAYS
    unit = (supply.code or supply.unit or "d").lower()
    factor = 7 if unit.startswith("w") else 30 if unit.startswith("mo") else 1
    return int(min(supply.value * factor, Decimal(3650)))
