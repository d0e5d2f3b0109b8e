"""Modified release against immediate release, or 12 hours against 24 hours."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value
from gateway.records.product import Product

#: Release is a matter of solid forms; a form that is not stated says nothing about it.
_SOLID = {"tablet", "capsule"}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if len(view.received()) < 2:
        yield Cannot("fewer than two lists were received")
        return
    for row in view.rows:
        for line in view.current_lines(row):
            said = [e for e in line if e.product.form in _SOLID or e.product.release]
            kinds = {e.product.release or "immediate" for e in said}
            hours = {e.product.release_hours for e in said if e.product.release_hours}
            if len(said) < 2 or (len(kinds) < 2 and len(hours) < 2):
                continue
            opioid = "opioid" in view.classes_of(row)
            values = by_value([(e.list, _words(e.product)) for e in said])
            yield Raised(
                message=f"{row.medicine}: the release differs. {values}.",
                rows=(row.id,),
                entries=tuple(e.id for e in said),
                evidence=tuple(f"{e.id}#release" for e in said),
                settle="Check which preparation is meant; they are not interchangeable.",
                grade="opioid" if opioid else None,
            )


def _words(product: Product) -> str:
    hours = f", {product.release_hours} hours" if product.release_hours else ""
    return f"{product.release or 'immediate'} release{hours}"
