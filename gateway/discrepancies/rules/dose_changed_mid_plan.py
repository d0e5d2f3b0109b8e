"""The record itself says that the dosage was changed while the plan ran: older issues and supplies bear the old one."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import last_day
from gateway.discrepancies.texts import instructions, notes, says
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    patterns = pack.clinical.lists.dosage_changed
    told = False
    # Most records warn of nothing; then no entry is looked at by itself.
    texts = {text for e in view.by_id.values() if e.current for text in (*instructions(e), *notes(e))}
    warned = says(texts, patterns)
    for row in view.rows:
        changed = [e for e in view.current_entries(row) if e.written.change_note or (warned and _warns(e, patterns))]
        if not changed:
            continue
        told = True
        days = sorted({day for e in changed if (day := last_day(e.written.change_note))})
        when = f" on {days[-1]}" if days else ""
        yield Raised(
            message=f"The record says that the dosage of {row.medicine} was changed{when} while the plan ran. "
            f"{by_value((e.list, dose(e, view)) for e in changed)}.",
            rows=(row.id,),
            entries=tuple(e.id for e in changed),
            evidence=tuple(f"{e.id}#change_note" for e in changed),
            settle="Check that the patient takes the dose as it is now, and not that of an older label.",
        )
    if not told and not _would_say(view, pack):
        yield Cannot("no list was received that says whether a dosage was changed while a plan ran")


def _would_say(view: RuleView, pack: RulePack) -> bool:
    """GP Connect records say it of every plan that was changed."""
    codes = {c.code for one in view.received() for c in one.written.list_codes}
    return not codes.isdisjoint(pack.clinical.lists.gp.codes) or any(
        e.written.prescription_type for e in view.by_id.values()
    )


def _warns(entry: MedicineEntry, patterns: tuple[str, ...]) -> bool:
    return says((*instructions(entry), *notes(entry)), patterns)
