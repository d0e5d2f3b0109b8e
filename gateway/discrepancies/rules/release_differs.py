"""Modified release against immediate release, or 12 hours against 24 hours.

Gastro-resistant is no other release here. Where one list does not say the form at all, only an opioid or a critical
medicine is a finding: there the slip is known to kill, elsewhere it is mostly a shortened name.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.discrepancies.brands import SLOW_RELEASES
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.routes import by_route
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value
from gateway.records.lists import MedicineEntry
from gateway.records.product import Product


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        opioid = "opioid" in view.classes_of(row)
        for line in view.current_lines(row):
            for same_route in by_route(line):
                if not _differ(same_route, unstated_counts=opioid or view.is_critical(row)):
                    continue
                yield Raised(
                    message=f"{row.medicine} differs in release. "
                    f"{by_value((e.list, _words(e.product)) for e in same_route)}.",
                    rows=(row.id,),
                    entries=tuple(e.id for e in same_route),
                    evidence=tuple(f"{e.id}#release" for e in same_route),
                    settle="Check which preparation is meant; they are not interchangeable.",
                    grade="opioid" if opioid else None,
                )


def _differ(line: Sequence[MedicineEntry], *, unstated_counts: bool) -> bool:
    kinds = {_kind(e.product) for e in line}
    hours = {e.product.release_hours for e in line if _kind(e.product) == "slow" and e.product.release_hours}
    return len(hours) > 1 or ("slow" in kinds and ("fast" in kinds or ("unstated" in kinds and unstated_counts)))


def _kind(product: Product) -> str:
    if product.release in SLOW_RELEASES:
        return "slow"
    return "fast" if product.release or product.form else "unstated"


def _words(product: Product) -> str:
    kind = _kind(product)
    if kind == "unstated":
        return "form and release not stated"
    if kind == "slow":
        return f"modified release{f', {product.release_hours} hours' if product.release_hours else ''}"
    return f"{product.form or 'form not stated'}, {product.release or 'not modified release'}"
