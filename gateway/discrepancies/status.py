"""Whether a list ended or suspended a medicine, when, and whether it says why. Facts of the record only."""

from __future__ import annotations

import calendar
import re

from gateway.discrepancies.knowledge import ChangeWords
from gateway.discrepancies.texts import notes, says
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineEntry, MedicineList
from gateway.records.matching import Row

#: A decision that it is not to be taken; "completed" is an end that was foreseen.
STOPPED = frozenset({"stopped", "cancelled", "not-taken", "declined", "ended"})


def is_stopped(entry: MedicineEntry) -> bool:
    return not entry.current and (entry.written.status in STOPPED or entry.written.do_not_perform)


def is_suspended(entry: MedicineEntry) -> bool:
    return entry.current and entry.written.status == "on-hold"


def status_words(entry: MedicineEntry) -> str:
    """ "stopped on 2026-11-14", "stopped (record of 2026-11-10)", "suspended", "not taken"."""
    if entry.written.do_not_perform:
        said = "not to be given"
    elif entry.written.status == "on-hold":
        said = "suspended"
    else:
        said = entry.written.status.replace("-", " ")
    if entry.current:
        return said
    end, dated = last_day(entry.written.end), last_day(entry.written.asserted)
    # The date of an order is not the day on which it was stopped.
    return f"{said} on {end}" if end else f"{said} (record of {dated})" if dated else said


def stops(view: RuleView, row: Row, one: MedicineList) -> tuple[MedicineEntry, ...]:
    """Entries that stop the medicine on a list; none where the list also has it as current: then that is history."""
    if one.name in view.current[row.id] or one.role is ListRole.SUPPLY:
        return ()
    return tuple(e for e in view.listed[row.id].get(one.name, ()) if is_stopped(e))


def stopped_in_hospital(view: RuleView, row: Row) -> tuple[MedicineEntry, ...]:
    """Stops on discharge lists, else on inpatient lists, where no discharge list has it as current."""
    discharge = view.with_role(ListRole.DISCHARGE)
    if view.is_on(row, discharge):
        return ()
    for lists in (discharge, view.with_role(ListRole.INPATIENT)):
        found = tuple(e for one in lists for e in stops(view, row, one))
        if found:
            return found
    return ()


def last(entries: tuple[MedicineEntry, ...]) -> MedicineEntry:
    """The one that ended latest."""
    return max(entries, key=lambda e: (ended(e) or "", e.id))


def ended(entry: MedicineEntry) -> str | None:
    """The last day as an ISO date; None where no date is given."""
    return last_day(entry.written.end) or last_day(entry.written.asserted)


def last_seen(entry: MedicineEntry) -> str | None:
    """The latest day on which the record shows it in use."""
    written = entry.written
    days = [last_day(d) for d in (written.start, written.asserted, written.last_issued, written.handed_over)]
    return max((d for d in days if d), default=None)


def last_day(text: str | None) -> str | None:
    """The last day that a FHIR date covers, as written without its time; comparable as text."""
    if not text or not re.match(r"\d{4}(-\d\d(-\d\d)?)?", text):
        return None
    day = text[:10]
    if len(day) == 4:
        return f"{day}-12-31"
    if len(day) == 7:
        year, month = int(day[:4]), int(day[5:])
        return f"{day}-{calendar.monthrange(year, month)[1]}" if 1 <= month <= 12 and year else None
    return day


def gives_reason(entry: MedicineEntry, words: ChangeWords) -> bool:
    """A status reason, or a note that says why it was stopped; "no reason given" is none."""
    coded = [r.words for r in entry.written.status_reason if r.words]
    if any(not says([text], words.no_reason) for text in coded):
        return True
    return says([t for t in entry.written.notes if not says([t], words.no_reason)], words.stop_reason)


def documents_change(entry: MedicineEntry, words: ChangeWords) -> bool:
    """A note that says that the dose was changed, and not that it was not."""
    return says([t for t in notes(entry) if not says([t], words.no_dose_change)], words.dose_change)


def plans_restart(entry: MedicineEntry, words: ChangeWords) -> bool:
    """A restart date, or words of a plan that are not a denial."""
    if entry.written.restart:
        return True
    texts = (*notes(entry), entry.dose.text or "")
    return says([t for t in texts if not says([t], words.denied)], words.restart_plan)
