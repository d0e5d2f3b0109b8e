"""Whether a row is of a set of medicines that a rule knows."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.discrepancies.clinical_knowledge import MedicineSet
from gateway.discrepancies.view import RuleView
from gateway.records.matching import Row


def touched(view: RuleView, sets: Sequence[MedicineSet]) -> list[Row]:
    """Rows that may be in one of the sets, in their order: most rows of most patients are in none."""
    classes = {c for one in sets for c in one.classes}
    ingredients = {i for one in sets for i in one.ingredients}
    kinds = {k for one in sets if not one.classes and not one.ingredients for k in one.kinds}
    return [
        row
        for row in view.rows
        if not classes.isdisjoint(view.classes[row.id])
        or not ingredients.isdisjoint(row.ingredients)
        or row.kind_of_route in kinds
    ]


def is_in(row: Row, one: MedicineSet, view: RuleView) -> bool:
    """By ingredient, or class of one that is not left out, and by the kind of route; an unknown kind counts.

    A set of kinds of route alone ("inhaled medicines") takes what is known to be given so.
    """
    if not one.classes and not one.ingredients:
        return row.kind_of_route in one.kinds
    if one.kinds and row.kind_of_route is not None and row.kind_of_route not in one.kinds:
        return False
    if view.classes[row.id].isdisjoint(one.classes) and (
        not one.ingredients or set(row.ingredients).isdisjoint(one.ingredients)
    ):
        return False
    if not one.leave_out:
        return True
    classes = view.vocabulary.classes_of
    return any(
        i not in one.leave_out and (i in one.ingredients or any(c in one.classes for c in classes(i)))
        for i in row.ingredients
    )
