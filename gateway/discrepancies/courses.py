"""Whether an entry says when it ends, and for how long a row has been taken."""

from __future__ import annotations

import datetime as dt

from gateway.discrepancies.clinical_knowledge import Courses
from gateway.discrepancies.status import last_day
from gateway.discrepancies.texts import instructions, notes, reasons, says
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def has_end(entry: MedicineEntry, known: Courses) -> bool:
    """An end date, a dose that is bounded, or words of an end or a review that are not a denial."""
    steps = entry.dose.sequence
    if entry.written.end or (steps and all(step.duration or step.once for step in steps)):
        return True
    timings = [d.timing for d in entry.written.dosages if d.timing]
    if timings and all(t.end or t.bounds or t.count or t.events for t in timings):
        return True
    texts = [t for t in (*instructions(entry), *notes(entry)) if not says([t], known.no_end)]
    return says(texts, known.ends)


def is_long_term(entry: MedicineEntry, known: Courses) -> bool:
    """Words of prevention or of a condition that is treated for long."""
    return says((*instructions(entry), *notes(entry), *reasons(entry)), known.long_term)


def taken_for_long(view: RuleView, row: Row, days: int) -> bool:
    """A list from before admission has it as current and started longer ago than `days`."""
    entries = view.current_on(row, view.with_role(ListRole.PRE_ADMISSION))
    starts = [day for e in entries if (day := last_day(e.written.start))]
    return any(dt.date.fromisoformat(day) + dt.timedelta(days=days) < view.at for day in starts)
