"""Whether two entries of one medicine on one list are parts of one dose."""

from __future__ import annotations

from gateway.records.lists import MedicineEntry


def parts_of_one_dose(a: MedicineEntry, b: MedicineEntry) -> bool:
    """Both say when they are taken, and never at the same time; or one is regular and the other when needed."""
    if {_needed(a), _needed(b)} == {True, False}:
        return True
    return any(times and others and not times & others for times, others in zip(_when(a), _when(b), strict=True))


def _needed(entry: MedicineEntry) -> bool | None:
    """None where the dose was not read, or some of its steps are when needed and some are not."""
    needed = {step.as_needed for step in entry.dose.sequence}
    return needed.pop() if len(needed) == 1 else None


def _when(entry: MedicineEntry) -> tuple[set[str], set[str], set[str]]:
    steps = entry.dose.sequence
    return (
        {w for s in steps for w in s.when},
        {d for s in steps for d in s.days},
        {t for s in steps for t in s.times},
    )
