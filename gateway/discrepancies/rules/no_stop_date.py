"""A medicine of short courses without an end, where the patient is now: discharge, else hospital, else home.

Prevention and long-term treatment are no short courses; nor is what is taken only when needed.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.clinical_knowledge import Courses, ShortCourse
from gateway.discrepancies.courses import has_end, is_long_term, taken_for_long
from gateway.discrepancies.medicine_sets import is_in, touched
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.present import latest, only_when_needed
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import by_value, dose, listed
from gateway.records.lists import ListRole, ListState, MedicineEntry
from gateway.records.matching import Row

_REPEATED = frozenset({"repeat", "repeat-dispensing", "continuous"})


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.courses
    now = latest(view)
    before = view.with_role(ListRole.PRE_ADMISSION)
    broken = [one for one in before if one.state is not ListState.COMPLETE]
    unsure = []
    for row in touched(view, known.short_courses):
        course = next((one for one in known.short_courses if is_in(row, one, view)), None)
        if course is None:
            continue
        # What is started in hospital need not have an end before the patient leaves.
        lists = view.with_role(ListRole.DISCHARGE) if course.only_new else now
        open_ended = [e for e in view.current_on(row, lists) if not _bounded(e, row, view, known)]
        if not open_ended or _long_term(row, course, view, known):
            continue
        if course.only_new and (broken or not before):
            unsure.append(row.medicine)
            continue
        values = by_value((e.list, dose(e, view)) for e in open_ended)
        yield Raised(
            message=f"{row.medicine}, {course.words}, is current, and no end or length of the course is recorded. "
            f"{values}.",
            rows=(row.id,),
            entries=tuple(e.id for e in open_ended),
            evidence=tuple(f"{e.id}#{field}" for e in open_ended for field in ("dose", "end")),
            settle="Ask the prescriber for how long it is to be taken.",
        )
    if unsure:
        where = "; ".join(f"{one.name}: {absence_words(one.state).lower()}" for one in broken)
        cause = where or "no list from before admission was received"
        yield Cannot(f"whether {listed(unsure)} is new, and so needs an end, cannot be said ({cause})")


def _bounded(entry: MedicineEntry, row: Row, view: RuleView, known: Courses) -> bool:
    """It ends, is no course, or its days' supply says how long the course is."""
    if is_suspended(entry) or only_when_needed(entry, view) or has_end(entry, known) or is_long_term(entry, known):
        return True
    if entry.written.days_supply is not None or entry.written.prescription_type in _REPEATED:
        return True
    steps = entry.dose.sequence
    regimen = view.regimen(entry)
    if regimen is not None and regimen.times_a_day is not None and regimen.times_a_day.high < 1:
        return True  # three times a week is prevention
    at_night = any(w in {"NIGHT", "HS"} for step in steps for w in step.when)
    return at_night and any(i in known.at_night_for_prevention for i in row.ingredients)


def _long_term(row: Row, course: ShortCourse, view: RuleView, known: Courses) -> bool:
    if course.only_new:
        return view.is_on(row, view.with_role(ListRole.PRE_ADMISSION))
    return taken_for_long(view, row, known.long_term_after_days)
