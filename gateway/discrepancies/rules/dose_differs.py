"""The same medicine in another dose: amounts per day further apart than the threshold, or amount and interval directly
where there is no daily amount (weekly against daily)."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.comparison import Contest, Kind, Side, contests
from gateway.discrepancies.dose_words import dose_message
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import documents_change
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole

_DECIDES = {ListRole.INPATIENT, ListRole.DISCHARGE}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    incomparable = []
    for row in view.rows:
        for contest in contests(view, row, pack):
            if contest.alike:
                continue
            sides = _differing(contest, view, pack)
            if sides:
                entries = tuple(e for side in sides for e in side.entries)
                yield Raised(
                    message=dose_message(row.medicine, contest, sides, view),
                    rows=(row.id,),
                    entries=tuple(e.id for e in entries),
                    evidence=tuple(f"{e.id}#dose" for e in entries),
                    settle="Check which dose is meant now, and why it was changed.",
                )
            elif contest.of(Kind.UNKNOWN, Kind.APART) and not contest.of(Kind.DOSE):
                incomparable.append(row.medicine)
    if incomparable:
        said = ", ".join(incomparable)
        yield Cannot(
            f"amounts could not be compared, a strength or amount is missing or forms or routes differ: {said}"
        )


def _differing(contest: Contest, view: RuleView, pack: RulePack) -> tuple[Side, ...]:
    """Sides of which some other side differs, unless the hospital list that changed it says so."""
    found = []
    for a, b, _ in contest.of(Kind.DOSE):
        if not any(_documented(side, view, pack) for side in (a, b)):
            found += [a, b]
    return tuple(side for side in contest.sides if side in found)


def _documented(side: Side, view: RuleView, pack: RulePack) -> bool:
    return any(view.role_of(e) in _DECIDES and documents_change(e, pack.change_words) for e in side.entries)
