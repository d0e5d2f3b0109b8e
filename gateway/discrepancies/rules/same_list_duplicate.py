"""One list holds the same product twice, both current; linked part doses of other strengths are no duplicate."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if not view.by_id:
        yield Cannot("no medicines were received")
        return
    for row in view.rows:
        for name, entries in view.lists_with(row).items():
            # Repeated supplies are the nature of a list of supplies.
            if view.by_name[name].role is ListRole.SUPPLY:
                continue
            groups: dict[object, list[MedicineEntry]] = defaultdict(list)
            for entry in entries:
                if entry.product.understood:
                    groups[(entry.product.strengths, entry.product.form, entry.product.release, entry.route)].append(
                        entry
                    )
            for same in groups.values():
                if len(same) > 1:
                    yield Raised(
                        message=f"{name} holds {row.medicine} {len(same)} times in the same strength, all current.",
                        rows=(row.id,),
                        entries=tuple(e.id for e in same),
                        evidence=tuple(f"{e.id}#product" for e in same),
                        settle="Check whether one of them should have been ended.",
                    )
