"""A medicine without a dm+d, SNOMED CT or RxNorm code, or with one that was degraded in transfer.

A name that is not understood is a finding on its row, to be matched by hand. Where the names are understood, that a
list sends no codes is one finding on the list, not one on every medicine.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    read_by_name: dict[str, list[MedicineEntry]] = {}
    for row in view.rows:
        for entry in view.current_entries(row):
            degraded = named = False
            for one in entry.product.codes:
                degraded = degraded or one.code in pack.thresholds.degraded_codes
                named = named or one.system in pack.thresholds.code_systems
            if named and not degraded:
                continue
            if entry.product.understood or entry.product.appliance:
                # People write no codes, so that of what they entered it says nothing.
                if not view.by_name[entry.list].written.by_hand:
                    read_by_name.setdefault(entry.list, []).append(entry)
                continue
            what = "a code that was degraded in transfer" if degraded else "no code that names a medicine"
            yield Raised(
                message=f'"{entry.text}" on the {entry.list} list has {what}, and its name is not understood.',
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#product",),
                settle="Read the name and match it by hand.",
            )
    for name, entries in sorted(read_by_name.items()):
        yield Raised(
            message=f"{len(entries)} {'medicine has' if len(entries) == 1 else 'medicines have'} no usable code on "
            f"the {name} list and {'was' if len(entries) == 1 else 'were'} read by name.",
            entries=tuple(e.id for e in entries),
            evidence=tuple(f"{e.id}#product" for e in entries),
            settle="Check that each name was read as it is meant.",
        )
