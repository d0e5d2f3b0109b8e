"""Insulin with an abbreviated or missing unit, or without the product or device it is given with."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.discrepancies.knowledge import Insulin
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, quoted
from gateway.records.lists import ListRole, MedicineEntry
from gateway.terminology.vocabulary import normalise_words

_UNITS = re.compile(r"\d\s*units?\b")


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.high_risk.insulin
    for row in view.rows:
        if known.medicine_class not in view.classes_of(row):
            continue
        faults = [(e, found) for e in view.current_entries(row) if (found := _faults(e, known, view))]
        if not faults:
            continue
        by_fault: dict[str, list[str]] = {}
        for entry, found in faults:
            by_fault.setdefault(listed(found), []).append(entry.list)
        said = "; ".join(f"{what} ({', '.join(dict.fromkeys(lists))})" for what, lists in by_fault.items())
        yield Raised(
            message=f"{row.medicine} is not safely written: {said}.",
            rows=(row.id,),
            entries=tuple(e.id for e, _ in faults),
            evidence=tuple(f"{e.id}#dose" for e, _ in faults) + tuple(f"{e.id}#product" for e, _ in faults),
            settle="Ask the patient or the prescriber for the product, the device and the dose in units.",
        )


def _faults(entry: MedicineEntry, known: Insulin, view: RuleView) -> list[str]:
    found = []
    texts = [entry.text, entry.dose.text or "", *(d.dose.unit or "" for d in entry.written.dosages if d.dose)]
    if any(re.search(known.abbreviated_unit, text.lower()) for text in texts) or any(
        (d.dose.unit or "").strip().lower() in {"u", "iu"} for d in entry.written.dosages if d.dose
    ):
        found.append("the unit is abbreviated")
    if any(s.low is not None and s.unit is None for s in entry.dose.sequence):
        found.append("the dose has no unit")
    elif not found and not _states_units(entry) and not _silent_supply(entry, view):
        found.append(f"the number of units is not stated ({quoted(entry)})")
    if not entry.product.brand:
        found.append("no brand is named")
    if not _has_device(entry, known):
        found.append("no device is named")
    return found


def _states_units(entry: MedicineEntry) -> bool:
    """Read, or at least written; a dose that says "18 units" in words that are not read is another finding."""
    return any(s.low is not None for s in entry.dose.sequence) or bool(_UNITS.search((entry.dose.text or "").lower()))


def _silent_supply(entry: MedicineEntry, view: RuleView) -> bool:
    return view.role_of(entry) is ListRole.SUPPLY and not entry.dose.text


def _has_device(entry: MedicineEntry, known: Insulin) -> bool:
    words = f" {normalise_words(entry.text)} {normalise_words(entry.product.brand or '')} "
    return bool(entry.product.device) or any(f" {word} " in words for word in known.device_words)
