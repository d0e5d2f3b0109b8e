"""On the discharge list, while its latest dated status elsewhere is stopped or cancelled."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.knowledge import ChangeWords
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import ended, gives_reason, is_stopped, last_seen, status_words
from gateway.discrepancies.texts import notes, says
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    discharge = view.with_role(ListRole.DISCHARGE)
    for row in view.rows:
        leaving = view.current_on(row, discharge)
        stop = _latest_is_stop(view, row, pack.change_words) if leaving else None
        if stop is None or any(_restarted(e, pack.change_words) for e in leaving):
            continue
        yield Raised(
            message=f"{row.medicine} is on the discharge list ({names(e.list for e in leaving)}), and the latest word "
            f"on it elsewhere is {stop.list}: {status_words(stop)}.",
            rows=(row.id,),
            entries=(*(e.id for e in leaving), stop.id),
            evidence=(f"{stop.id}#status", *(f"{e.id}#status" for e in leaving)),
            settle="Ask why it was stopped, and whether starting it again is meant.",
        )


def _restarted(entry: MedicineEntry, words: ChangeWords) -> bool:
    """The discharge list says itself that it was started again."""
    texts = [t for t in notes(entry) if not says([t], words.denied)]
    return says(texts, words.restarted)


def _latest_is_stop(view: RuleView, row: Row, words: ChangeWords) -> MedicineEntry | None:
    """The stop that no other list outdates.

    A stop on the ward with its reason comes after every list from before admission, whatever their dates. Any other
    undated stop counts only where no list has it as current.
    """
    elsewhere = view.with_role(ListRole.PRE_ADMISSION, ListRole.INPATIENT)
    past = [
        e for one in elsewhere if one.name not in view.current[row.id] for e in view.listed[row.id].get(one.name, ())
    ]
    if not past:
        return None
    standing = view.current_on(row, elsewhere)
    decided = [e for e in past if view.role_of(e) is ListRole.INPATIENT and is_stopped(e) and gives_reason(e, words)]
    if decided and not any(view.role_of(e) is ListRole.INPATIENT for e in standing):
        return max(decided, key=lambda e: (ended(e) or "", e.id))
    latest = max(past, key=lambda e: (ended(e) or "", is_stopped(e), e.id))
    if not is_stopped(latest):
        return None
    seen = max((last_seen(e) or "9999" for e in standing), default=None)
    return latest if seen is None or (ended(latest) or "") > seen else None
