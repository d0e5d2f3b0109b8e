"""A medicine to be prescribed by brand: lists name different brands, or one names none.

A named maker counts as a brand. A list of supplies may name another brand, and is never blamed for naming none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.discrepancies.brands import Named, brand_of, same_brand
from gateway.discrepancies.clinical_knowledge import BrandedMedicine
from gateway.discrepancies.medicine_sets import is_in, touched
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, names
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    medicines = pack.clinical.brands.medicines
    for row in touched(view, medicines):
        for known in medicines:
            if not is_in(row, known, view):
                continue
            entries = [e for e in view.current_entries(row) if not is_suspended(e) and _counts(e, known)]
            found = _fault(row, [(e, brand_of(e, view)) for e in entries], known, view)
            if found is not None:
                yield found
                break


def _counts(entry: MedicineEntry, known: BrandedMedicine) -> bool:
    product = entry.product
    if known.releases and product.release not in known.releases:
        return False
    return product.form not in known.not_forms and (not known.forms or product.form in known.forms)


def _fault(row: Row, found: list[Named], known: BrandedMedicine, view: RuleView) -> Raised | None:
    named: list[Named] = [(e, brand) for e, brand in found if brand]
    silent = [e for e, brand in found if not brand and view.role_of(e) is not ListRole.SUPPLY]
    differ = any(a[0].list != b[0].list and not same_brand(a, b) for a in named for b in named)
    if differ:
        message = f"The lists name different brands of {row.medicine}; {known.why}. {_values(named)}."
        return _raised(row, [e for e, _ in named], message)
    if silent and named and known.named in {"always", "seen"}:
        message = f"{row.medicine} is named by brand on one list and not on another; {known.why}. {_values(found)}."
        return _raised(row, [e for e, _ in found], message)
    if silent and not named and known.named == "always":
        lists = names(e.list for e in silent)
        return _raised(row, silent, f"No brand of {row.medicine} is named ({lists}); {known.why}.")
    return None


def _values(found: Sequence[Named]) -> str:
    return by_value((e.list, brand or f'no brand ("{e.text}")') for e, brand in found)


def _raised(row: Row, entries: list[MedicineEntry], message: str) -> Raised:
    return Raised(
        message=message,
        rows=(row.id,),
        entries=tuple(e.id for e in entries),
        evidence=tuple(f"{e.id}#brand" for e in entries),
        settle="Ask the patient which brand is taken, and have that one named on every list.",
        scope="between" if len({e.list for e in entries}) > 1 else "within",
    )
