"""To be reduced or increased in steps, and neither the dose nor a note says in which."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.clinical_knowledge import Courses
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.present import latest, may_still_be_taken
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended
from gateway.discrepancies.texts import after, instructions, notes, says
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.courses
    now = latest(view)
    for row in view.rows:
        entries = view.current_on(row, now) or may_still_be_taken(view, row)
        found = [(e, asked) for e in entries if not is_suspended(e) and (asked := _asked(e, known))]
        open_plans = [(e, asked) for e, asked in found if not _planned(e, view, known)]
        if not open_plans:
            continue
        said = by_value((e.list, f'"{asked}"') for e, asked in open_plans)
        yield Raised(
            message=f"The dose of {row.medicine} is to be changed in steps, and the steps are not given. {said}.",
            rows=(row.id,),
            entries=tuple(e.id for e, _ in open_plans),
            evidence=tuple(f"{e.id}#{field}" for e, _ in open_plans for field in ("dose", "notes")),
            settle="Ask the prescriber for the amount and the time of each step.",
        )


def _asked(entry: MedicineEntry, known: Courses) -> str | None:
    """The words that ask for steps."""
    texts = (*instructions(entry), *notes(entry))
    if not says(texts, known.steps):
        return None
    return next((t for t in texts if says([t], known.steps) and not says([t], known.not_steps)), None)


def _planned(entry: MedicineEntry, view: RuleView, known: Courses) -> bool:
    """The dose itself has steps, amounts and times stand behind the words, or another document is named."""
    regimen = view.regimen(entry)
    if regimen is not None and regimen.stepped:
        return True
    texts = (*instructions(entry), *notes(entry))
    behind = [rest for t in texts if (rest := after(t, known.steps)) is not None]
    return says(behind, known.schedule) or says(texts, known.schedule_elsewhere)
