"""Current by its status, and not issued, supplied, ordered or started for longer than the limit. We never stop it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import last_seen
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, the_lists
from gateway.records.lists import ListRole

_HOSPITAL = (ListRole.INPATIENT, ListRole.DISCHARGE)


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    limit = pack.thresholds.currency_days
    hospital = view.with_role(*_HOSPITAL)
    undated = []
    for row in view.rows:
        current = view.current_entries(row)
        # A hospital list says what is given now.
        if not current or view.is_on(row, hospital):
            continue
        seen = [day for e in view.entries(row) if (day := last_seen(e))]
        if not seen:
            undated.append(row.medicine)
            continue
        age = (view.at - dt.date.fromisoformat(max(seen))).days
        if age > limit:
            yield Raised(
                message=f"{row.medicine} is current on {the_lists(e.list for e in current)}, and the last date that "
                f"any list gives for it is {max(seen)}, {age} days ago.",
                rows=(row.id,),
                entries=tuple(e.id for e in current),
                evidence=tuple(f"{e.id}#dates" for e in current),
                settle="Ask the patient whether it is still taken.",
            )
    if undated:
        yield Cannot(f"no list gives a date of start, issue or supply for {listed(undated)}")
