"""A medicine that is taken for long, and among the blood tests received none of its kind in the time it is due."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.clinical_knowledge import Monitored, Monitoring
from gateway.discrepancies.coded import results, tests
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.present import may_still_be_taken, taken
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import last_day
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.monitoring
    monitored = {one.ingredient: one for one in known.medicines}
    done = results(view)
    blood = [o for test in known.tests.values() for o in tests(done, test)]
    for row in view.rows:
        one = next((monitored[i] for i in row.ingredients if i in monitored), None)
        if one is None or row.kind_of_route not in {None, *pack.thresholds.systemic_kinds}:
            continue
        entries = taken(view, row) or may_still_be_taken(view, row)
        if not entries or not view.current_on(row, view.with_role(ListRole.PRE_ADMISSION, ListRole.SUPPLY)):
            continue
        if not blood:
            yield Cannot(f"no blood test was received, so the monitoring of {row.medicine} cannot be judged")
            continue
        missing = _missing(one, known, view)
        if missing:
            yield _raised(row, entries, one, missing, len(blood))


def _missing(one: Monitored, known: Monitoring, view: RuleView) -> list[tuple[str, str | None]]:
    """Tests that are due, in words, each with the day of the latest one."""
    since = (view.at - dt.timedelta(days=one.within_days)).isoformat()
    found = []
    for name in one.tests:
        days = [day for o in tests(results(view), known.tests[name]) if (day := last_day(o.at))]
        if max(days, default="") < since:
            found.append((known.tests[name].words, max(days, default=None)))
    return found


def _raised(
    row: Row, entries: tuple[MedicineEntry, ...], one: Monitored, missing: list[tuple[str, str | None]], received: int
) -> Raised:
    tests_said = listed(f"{words}{f' (the latest is of {day})' if day else ''}" for words, day in missing)
    blood = "the one blood test received is not" if received == 1 else f"none of the {received} blood tests received is"
    return Raised(
        message=f"{row.medicine} is current ({names(e.list for e in entries)}), and {blood}, within the last "
        f"{one.within_days} days, {tests_said}.",
        rows=(row.id,),
        entries=tuple(e.id for e in entries),
        evidence=(*(f"{e.id}#ingredients" for e in entries), *(f"{name}#observations" for name in _lists(entries))),
        settle="Look for the results where the blood was taken, and ask for the test if there are none.",
    )


def _lists(entries: tuple[MedicineEntry, ...]) -> list[str]:
    return sorted({e.list for e in entries})
