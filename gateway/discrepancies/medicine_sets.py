"""Whether a row is of a set of medicines that a rule knows."""

from __future__ import annotations

from gateway.discrepancies.clinical_knowledge import MedicineSet
from gateway.discrepancies.view import RuleView
from gateway.records.matching import Row


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
