"""How long a supply lasts."""

from __future__ import annotations

from decimal import Decimal

from gateway.records.lists import MedicineEntry

#: What a supply is taken to last where the record does not say it (CONTRACTS).
SUPPLY_DAYS = 28


def days_of(entry: MedicineEntry) -> int:
    """Days' supply as written, at most ten years, else 28."""
    supply = entry.written.days_supply
    if supply is None or supply.value is None or supply.value <= 0:
        return SUPPLY_DAYS
    unit = (supply.code or supply.unit or "d").lower()
    factor = 7 if unit.startswith("w") else 30 if unit.startswith("mo") else 1
    return int(min(supply.value * factor, Decimal(3650)))
