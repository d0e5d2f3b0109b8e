"""A dose that is missing or must stay text: it is compared as text, by a person."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, dose, the_lists
from gateway.records.lists import ListRole, MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        current = view.current_entries(row)
        unread = [e for e in current if not e.dose.parsed and not _silent_supply(e, view)]
        if not unread:
            continue
        others = [e for e in current if e not in unread and e.dose.parsed]
        values = by_value((e.list, dose(e, view)) for e in (*unread, *others))
        yield Raised(
            message=f"The dose of {row.medicine} on {the_lists(e.list for e in unread)} cannot be read; compare it by "
            f"eye. {values}.",
            rows=(row.id,),
            entries=tuple(e.id for e in unread),
            evidence=tuple(f"{e.id}#dose" for e in (*unread, *others)),
            settle="Find out which dose is taken.",
            scope="between" if len({e.list for e in current}) > 1 else "within",
        )


def _silent_supply(entry: MedicineEntry, view: RuleView) -> bool:
    """A supply without any instruction says what was handed over, and leaves the dose to the prescription."""
    return view.role_of(entry) is ListRole.SUPPLY and not entry.dose.text
