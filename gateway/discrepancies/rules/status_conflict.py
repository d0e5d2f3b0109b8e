"""Current on one list and ended on another, over overlapping periods.

A list's ended entries count only where it holds no current one: real GP records hold dozens of ended authorisations of
a medicine that is current today. What a discharge list decides is told by omission, commission and stop-no-reason.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import ended, gives_reason, is_stopped, last, last_day, status_words, stops
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import the_lists
from gateway.records.lists import ListRole, MedicineEntry, MedicineList
from gateway.records.matching import Row

_HOSPITAL = {ListRole.INPATIENT, ListRole.DISCHARGE}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        active = [e for e in view.current_entries(row) if e.written.status != "on-hold"]
        active = [e for e in active if view.role_of(e) is not ListRole.SUPPLY]
        past = [e for one in view.received() for e in _ended(view, row, one, pack) if _overlap(e, active)]
        if not active or not past:
            continue
        latest = last(tuple(past))
        yield Raised(
            message=f"{row.medicine} is current on {the_lists(e.list for e in active)} and {status_words(latest)} on "
            f"the {latest.list} list.",
            rows=(row.id,),
            entries=(*(e.id for e in active), latest.id),
            evidence=(f"{latest.id}#status", *(f"{e.id}#status" for e in active)),
            settle="Check which status is the later one, and tell the other organisation.",
        )


def _ended(view: RuleView, row: Row, one: MedicineList, pack: RulePack) -> tuple[MedicineEntry, ...]:
    """The latest end on a list without a current entry; a hospital's stop with its reason is a decision."""
    past = view.listed[row.id].get(one.name, ())
    if not past or one.name in view.current[row.id] or one.role is ListRole.SUPPLY:
        return ()
    stopped = stops(view, row, one)
    if one.role in _HOSPITAL and any(gives_reason(e, pack.change_words) for e in stopped):
        return ()
    return (max(past, key=lambda e: (ended(e) or "", is_stopped(e), e.id)),)


def _overlap(past: MedicineEntry, active: list[MedicineEntry]) -> bool:
    """A stop counts unless a current entry began after it; an end that was foreseen only where its date is later than
    the start of a current entry."""
    end = ended(past)
    starts = [last_day(e.written.start) for e in active]
    if end is None:
        return is_stopped(past)
    if is_stopped(past):
        return any(start is None or start <= end for start in starts)
    return bool(past.written.end) and any(start is not None and start < end for start in starts)
