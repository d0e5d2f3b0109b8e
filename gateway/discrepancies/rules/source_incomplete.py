"""A list that did not arrive, arrived in part, was withheld or is too old: absence from it says nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import last_day
from gateway.discrepancies.view import RuleView, absence_words
from gateway.records.lists import ListState, MedicineList

_WORDS = {
    ListState.PARTIAL: "arrived in part",
    ListState.WITHHELD: "was withheld",
    ListState.FAILED: "did not arrive",
}


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for one in view.lists:
        identity = any(cause.startswith("wrong-patient") for cause in one.written.causes)
        if one.state is not ListState.COMPLETE:
            cause = "; ".join(one.written.causes) or "no cause was given"
            yield Raised(
                message=f"The list of {one.name} {_WORDS[one.state]} ({cause}). A medicine that is not seen "
                f'there is marked "{absence_words(one.state)}"; it may still be taken.',
                evidence=(f"{one.name}#state",),
                settle="Fetch it again or ask the organisation; the review is not complete without it.",
                grade="identity" if identity else None,
            )
        elif days := _too_old(one, view.at, pack):
            yield Raised(
                message=f"The list of {one.name} is {days} days old.",
                evidence=(f"{one.name}#as_of",),
                settle="Ask for a list of today.",
            )


def _too_old(one: MedicineList, at: dt.date, pack: RulePack) -> int | None:
    """Its age in days where that is over the limit; None where no limit is set or it bears no date."""
    limit, day = pack.thresholds.stale_after_days, last_day(one.written.as_of)
    if limit is None or day is None:
        return None
    age = (at - dt.date.fromisoformat(day)).days
    return age if age > limit else None
