"""One list holds the same product twice, both current. Parts of one dose are no duplicate: other strengths (warfarin
1 mg and 3 mg), or the same strength at other times of the day or days of the week."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.part_doses import parts_of_one_dose
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose
from gateway.records.lists import ListRole, MedicineEntry

_TIMES = {2: "twice"}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for name, entries in view.current[row.id].items():
            if (
                len(entries) < 2 or view.by_name[name].role is ListRole.SUPPLY
            ):  # repeated supplies are the nature of such a list
                continue
            active = [e for e in entries if e.written.status != "on-hold"]
            for same in _same_product(active):
                times = _TIMES.get(len(same), f"{len(same)} times")
                doses = by_value((f"entry {n}", dose(e, view)) for n, e in enumerate(same, start=1))
                yield Raised(
                    message=f"{row.medicine} stands {times} on the {name} list, current each time, in the same "
                    f"strength. {doses}.",
                    rows=(row.id,),
                    entries=tuple(e.id for e in same),
                    evidence=tuple(f"{e.id}#product" for e in same),
                    settle="Check whether one of them should have been ended.",
                )


def _same_product(entries: list[MedicineEntry]) -> list[list[MedicineEntry]]:
    groups: dict[object, list[MedicineEntry]] = {}
    for entry in entries:
        product = entry.product
        if product.understood or product.appliance:
            key = (product.strengths, product.form, product.release, entry.route, (product.brand or "").lower())
            groups.setdefault(key if product.understood else (product.name.lower(),), []).append(entry)
    doubled = []
    for group in groups.values():
        kept = [e for e in group if any(e is not o and not parts_of_one_dose(e, o) for o in group)]
        if len(kept) > 1:
            doubled.append(kept)
    return doubled
