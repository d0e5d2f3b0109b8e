"""A dose that is missing or must stay text: it is compared as text, by a person.

Where every list has it in the same words, the lists do not differ: a GP record moved to another practice repeats "use
as directed" word for word, and each such medicine looked like a difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

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
        differs = _differs([e for e in current if not _silent_supply(e, view)])
        what = "compare it by eye" if differs else "read it by eye"
        yield Raised(
            message=f"The dose of {row.medicine} on {the_lists(e.list for e in unread)} cannot be read; {what}. "
            f"{values}.",
            rows=(row.id,),
            entries=tuple(e.id for e in unread),
            evidence=tuple(f"{e.id}#dose" for e in (*unread, *others)),
            settle="Find out which dose is taken.",
            scope="between" if differs else "within",
        )


def _differs(current: Sequence[MedicineEntry]) -> bool:
    """Whether two lists may mean different doses: other words, none at all, or the same words of other strengths."""
    said: dict[str, set[tuple[object, ...]]] = {}
    for entry in current:
        words = " ".join((entry.dose.text or "").split()).casefold()
        said.setdefault(entry.list, set()).add((words, *entry.product.strengths))
    silent = any(words == "" for values in said.values() for words, *_ in values)
    return len(said) > 1 and (silent or len(set(map(frozenset, said.values()))) > 1)


def _silent_supply(entry: MedicineEntry, view: RuleView) -> bool:
    """A supply without any instruction says what was handed over, and leaves the dose to the prescription."""
    return view.role_of(entry) is ListRole.SUPPLY and not entry.dose.text
