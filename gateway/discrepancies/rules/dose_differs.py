"""The same medicine in another dose: amounts per day further apart than the threshold, or amount and interval directly
where there is no daily amount (weekly against daily)."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.comparison import Contest, Kind, Side, contests
from gateway.discrepancies.devices import device_of, devices_differ
from gateway.discrepancies.dose_words import dose_message
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import documents_change
from gateway.discrepancies.view import RuleView
from gateway.records.lists import ListRole

_INHALER = "inhaler"
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
            elif _cannot_compare(contest, pack):
                incomparable.append(row.medicine)
    if incomparable:
        said = ", ".join(incomparable)
        yield Cannot(
            f"amounts could not be compared, a strength or amount is missing or forms or routes differ: {said}"
        )


def _cannot_compare(contest: Contest, pack: RulePack) -> bool:
    apart = contest.of(Kind.DOSE)
    if apart:
        return any(_other_inhaler(a, b, pack) for a, b, _ in apart)
    return bool(contest.of(Kind.UNKNOWN, Kind.APART))


def _differing(contest: Contest, view: RuleView, pack: RulePack) -> tuple[Side, ...]:
    """Sides of which some other side differs, unless the hospital list that changed it says so."""
    found = []
    for a, b, _ in contest.of(Kind.DOSE):
        if not any(_documented(side, view, pack) for side in (a, b)) and not _other_inhaler(a, b, pack):
            found += [a, b]
    return tuple(side for side in contest.sides if side in found)


def _other_inhaler(a: Side, b: Side, pack: RulePack) -> bool:
    """Inhalers are labelled by what leaves the valve or the mouthpiece, so doses of two devices are not compared."""
    one, two = (
        [device for e in side.entries if (device := device_of(e, pack.clinical.devices, _INHALER))] for side in (a, b)
    )
    return bool(one and two) and all(devices_differ(x, y) for x in one for y in two)


def _documented(side: Side, view: RuleView, pack: RulePack) -> bool:
    return any(view.role_of(e) in _DECIDES and documents_change(e, pack.change_words) for e in side.entries)
