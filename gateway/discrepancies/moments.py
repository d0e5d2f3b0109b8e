"""Points of the patient's way at which medicines are taken together: before admission, in hospital, after it."""

from __future__ import annotations

from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineList


def moments(view: RuleView) -> tuple[tuple[MedicineList, ...], ...]:
    """Lists by moment. Supplies are left out: they lag behind a change and would show the old beside the new."""
    found = (view.with_role(role) for role in (ListRole.PRE_ADMISSION, ListRole.INPATIENT, ListRole.DISCHARGE))
    return tuple(lists for lists in found if lists)


def arriving(view: RuleView) -> tuple[MedicineList, ...]:
    """The lists that say what is new: discharge, or inpatient where there is no discharge list."""
    return view.with_role(ListRole.DISCHARGE) or view.with_role(ListRole.INPATIENT)
