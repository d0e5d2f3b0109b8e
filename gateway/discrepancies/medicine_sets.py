"""Whether a row is of a set of medicines that a rule knows."""

from __future__ import annotations

from gateway.discrepancies.clinical_knowledge import MedicineSet
from gateway.discrepancies.view import RuleView
from gateway.records.matching import Row


def is_in(row: Row, one: MedicineSet, view: RuleView) -> bool:
    """By ingredient, or class of one that is not left out, and by the kind of route; an unknown kind counts.

    A set that names neither classes nor ingredients is of every medicine by its kinds of route.
    """
    if one.kinds and row.kind_of_route is not None and row.kind_of_route not in one.kinds:
        return False
    if not one.classes and not one.ingredients:
        return True
    if view.classes_of(row).isdisjoint(one.classes) and not any(i in one.ingredients for i in row.ingredients):
        return False
    classes = view.vocabulary.classes_of
    return any(
        i not in one.leave_out and (i in one.ingredients or any(c in one.classes for c in classes(i)))
        for i in row.ingredients
    )
