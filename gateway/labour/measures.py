"""Every labour figure, its formula in one place, with its name, unit, sample size and source.

Counts are counts of acts and always shown. Shares and times of fewer than `MINIMUM_CELL` acts are suppressed, and said
to be. There is no measure by person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gateway.labour.intervals import MINIMUM_CELL, wilson
from gateway.labour.tally import Tally, median, tally
from gateway.records.labour import LabourMeasure
from gateway.records.ledger import LedgerEntry

SOURCE = "ledger; formulas of the project's LABOUR design: acceptance, override (Wilson 95 %), active time"

#: kinds of act that a person does, in the words of the page
ACTS = {
    "review.opened": "reviews opened",
    "evidence.opened": "evidence looked at",
    "row.decided": "medicines decided",
    "row.undone": "decisions undone",
    "row.parted": "rows decided in parts",
    "row.joined": "parts put together again",
    "medicine.entered": "medicines entered by hand",
    "medicine.corrected": "hand entries corrected",
    "medicine.withdrawn": "hand entries taken back",
    "row.checked": "decisions checked by a second person",
    "review.signed": "reviews signed off",
    "review.reopened": "reviews reopened",
    "answer.confirmed": "audit answers confirmed",
    "answer.overridden": "audit answers changed",
    "answer.entered": "audit answers entered by hand",
    "answer.cleared": "audit answers cleared",
    "lookup.outside": "look-ups in another system",
}


def measures(entries: Iterable[LedgerEntry]) -> tuple[LabourMeasure, ...]:
    """All figures of a stretch of ledger, in a fixed order."""
    return of_tally(tally(entries))


def of_tally(found: Tally) -> tuple[LabourMeasure, ...]:
    return (
        *_prefill(found),
        *_abstentions(found),
        *_acts_by_role(found),
        *_acts_by_reason(found),
        *_times(found),
    )


def _prefill(found: Tally) -> list[LabourMeasure]:
    proposed, abstained = found.count("answer.proposed"), found.count("answer.abstained")
    confirmed = found.count("answer.confirmed")
    changed = found.count("answer.overridden") + found.count("answer.cleared")
    return [
        _share("auto-population", "Audit answers the gateway proposed", proposed, proposed + abstained),
        _share("acceptance", "Proposed answers confirmed unchanged, of those decided", confirmed, confirmed + changed),
        _share("override", "Proposed answers changed or cleared, of those decided", changed, confirmed + changed),
    ]


def _share(name: str, label: str, part: int, n: int) -> LabourMeasure:
    low, high = wilson(part, n)
    hidden = n < MINIMUM_CELL
    return LabourMeasure(
        name=name,
        label=label,
        unit="share",
        value=None if hidden else part / n,
        n=n,
        low=None if hidden else low,
        high=None if hidden else high,
        suppressed=hidden,
        source=SOURCE,
    )


def _abstentions(found: Tally) -> list[LabourMeasure]:
    return [
        _count("abstention-by-cause", "Audit answers the gateway would not propose", n, (("cause", cause),))
        for cause, n in sorted(found.abstained.items())
    ]


def _acts_by_role(found: Tally) -> list[LabourMeasure]:
    return [
        _count("acts-by-role", words, n, (("role", role), ("act", kind)))
        for role in found.roles()
        for kind, words in ACTS.items()
        if (n := found.count(kind, role))
    ]


def _acts_by_reason(found: Tally) -> list[LabourMeasure]:
    return [
        _count("acts-by-reason", ACTS[kind], n, (("role", role), ("act", kind), ("reason", reason)))
        for (kind, role, reason), n in sorted(found.acts.items())
        if reason and kind in ACTS
    ]


def _count(name: str, label: str, n: int, group: tuple[tuple[str, str], ...]) -> LabourMeasure:
    return LabourMeasure(name=name, label=label, unit="count", value=float(n), n=n, group=group, source=SOURCE)


def _times(found: Tally) -> list[LabourMeasure]:
    figures = []
    for (kind, role), histogram in sorted(found.seconds.items()):
        if kind in ACTS:
            group = (("role", role), ("act", kind))
            figures.append(
                _time("median-seconds", f"Active time for one: {ACTS[kind]}", median(histogram), histogram, group)
            )
    for role in found.roles():
        whole: Counter[int] = Counter()
        for (kind, r), histogram in found.seconds.items():
            if r == role and kind in ACTS:
                whole.update(histogram)
        total = float(sum(seconds * times for seconds, times in whole.items()))
        if whole:
            figures.append(_time("active-seconds", "Active time in all", total, whole, (("role", role),)))
    return figures


def _time(
    name: str, label: str, value: float, histogram: Counter[int], group: tuple[tuple[str, str], ...]
) -> LabourMeasure:
    n = histogram.total()
    hidden = n < MINIMUM_CELL
    return LabourMeasure(
        name=name,
        label=label,
        unit="seconds",
        value=None if hidden else value,
        n=n,
        group=group,
        suppressed=hidden,
        source=SOURCE,
    )
