"""Daily amounts about ten or a thousand times apart: a slip of the decimal point or of the unit."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.comparison import Difference, Kind, contests
from gateway.discrepancies.dose_words import dose_message
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    least = min(band.low for band in pack.thresholds.tenfold_ratios)
    for row in view.rows:
        for contest in contests(view, row, pack):
            if contest.alike:
                continue
            hits = [
                s
                for a, b, d in contest.of(Kind.DOSE)
                if d.ratios and max(d.ratios) >= least and _slip(d, pack)
                for s in (a, b)
            ]
            if not hits:
                continue
            # A third list with yet another dose is named too: the finding replaces the one about the dose.
            entries = tuple(e for side in contest.sides for e in side.entries)
            yield Raised(
                message=dose_message(row.medicine, contest, contest.sides, view),
                rows=(row.id,),
                entries=tuple(e.id for e in entries),
                evidence=tuple(f"{e.id}#dose" for e in entries),
                settle="Look for a slip of the decimal point or of the unit before anything else.",
            )


def _slip(one: Difference, pack: RulePack) -> bool:
    return any(band.low <= ratio <= band.high for ratio in one.ratios for band in pack.thresholds.tenfold_ratios)
