"""Stopped on the discharge or inpatient list, current before admission, and no reason is recorded."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import gives_reason, last, status_words, stopped_in_hospital
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import the_lists
from gateway.records.lists import ListRole


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    before = view.with_role(ListRole.PRE_ADMISSION)
    for row in view.rows:
        taken = view.current_on(row, before)
        stopped = stopped_in_hospital(view, row)
        if not taken or not stopped or any(gives_reason(e, pack.change_words) for e in stopped):
            continue
        latest = last(stopped)
        yield Raised(
            message=f"{row.medicine} is current on {the_lists(e.list for e in taken)} and {status_words(latest)} on "
            f"the {latest.list} list; no reason is recorded.",
            rows=(row.id,),
            entries=(*(e.id for e in taken), *(e.id for e in stopped)),
            evidence=(*(f"{e.id}#status" for e in (*stopped, *taken)), f"{latest.id}#status_reason"),
            settle="Ask the hospital team why it was stopped, and tell whoever prescribes it.",
        )
