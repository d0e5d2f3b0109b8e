"""What the patient takes now: at the latest point of the way of which a list was received."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from gateway.discrepancies.amounts import course_days
from gateway.discrepancies.status import is_suspended, last_seen, stopped_in_hospital
from gateway.discrepancies.supplies import days_of
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineEntry, MedicineList
from gateway.records.matching import Row

_LATEST_FIRST = (ListRole.DISCHARGE, ListRole.INPATIENT, ListRole.PRE_ADMISSION)


def latest(view: RuleView) -> tuple[MedicineList, ...]:
    """Discharge lists, else inpatient, else pre-admission ones; a role of which nothing arrived is passed over."""
    arrived = {one.name for one in view.received()}
    for role in _LATEST_FIRST:
        lists = view.with_role(role)
        if any(one.name in arrived for one in lists):
            return lists
    return ()


def taken(view: RuleView, row: Row) -> tuple[MedicineEntry, ...]:
    """Current on the latest lists and not suspended, or supplied while no other list mentions it."""
    now = tuple(e for e in view.current_on(row, latest(view)) if not is_suspended(e))
    return now or tuple(only_supplied(view, row))


def suspended_now(view: RuleView, row: Row) -> bool:
    """The latest lists of a hospital have it, and as suspended only."""
    hospital = [one for one in latest(view) if one.role is not ListRole.PRE_ADMISSION]
    found = view.current_on(row, hospital)
    return bool(found) and all(is_suspended(e) for e in found)


def may_still_be_taken(view: RuleView, row: Row) -> tuple[MedicineEntry, ...]:
    """Current before admission, and the hospital says nothing of it: neither given nor suspended nor ended."""
    hospital = view.with_role(ListRole.DISCHARGE, ListRole.INPATIENT)
    if any(one.name in view.current[row.id] for one in hospital) or stopped_in_hospital(view, row):
        return ()
    if any(view.listed[row.id].get(one.name) for one in hospital if one.role is ListRole.DISCHARGE):
        return ()
    return tuple(e for e in view.current_on(row, view.with_role(ListRole.PRE_ADMISSION)) if not is_suspended(e))


def only_supplied(view: RuleView, row: Row) -> list[MedicineEntry]:
    """Supplies of what no other list mentions: bought, or prescribed by somebody whose list is not here."""
    supplies = view.with_role(ListRole.SUPPLY)
    if set(view.listed[row.id]) - {one.name for one in supplies}:
        return []
    regular = [e for e in view.current_on(row, supplies) if not only_when_needed(e, view)]
    return [e for e in regular if not course_is_over(e, view)]


def only_when_needed(entry: MedicineEntry, view: RuleView) -> bool:
    regimen = view.regimen(entry)
    return regimen is not None and regimen.as_needed is True


def course_is_over(entry: MedicineEntry, view: RuleView, acute_types: tuple[str, ...] = ()) -> bool:
    """Its days have passed: those that the instruction says ("for 7 days"), or the days' supply of an acute one."""
    day, days = last_seen(entry), course_days(entry.dose.sequence)
    if days is None and entry.written.prescription_type in acute_types and entry.written.days_supply is not None:
        days = Decimal(days_of(entry))
    if day is None or days is None:
        return False
    return dt.date.fromisoformat(day) + dt.timedelta(days=int(days)) < view.at
