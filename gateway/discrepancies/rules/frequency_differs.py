"""The same amount a day, taken in another number of portions."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.comparison import Kind, Side, contests
from gateway.discrepancies.dose_words import side_words
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value
from gateway.records.matching import Row

_TIMED = "dopaminergic"


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for contest in contests(view, row, pack):
            if contest.alike:
                continue
            pairs = contest.of(Kind.FREQUENCY)
            if not pairs:
                continue
            sides = [side for side in contest.sides if any(side in (a, b) for a, b, _ in pairs)]
            entries = tuple(e for side in sides for e in side.entries)
            equal = all(a.average and b.average for a, b, _ in pairs)
            said = (
                "adds up to the same amount a day but is taken a different number of times"
                if equal
                else "is taken a different number of times"
            )
            yield Raised(
                message=f"{row.medicine} {said}. {by_value((s.list, side_words(s, view)) for s in sides)}.",
                rows=(row.id,),
                entries=tuple(e.id for e in entries),
                evidence=tuple(f"{e.id}#dose" for e in entries),
                settle="Check how often the patient takes it, and which list is meant.",
                grade="timing-critical" if _timing_critical(view, row, sides) else None,
            )


def _timing_critical(view: RuleView, row: Row, sides: list[Side]) -> bool:
    modified = any(e.product.release in {"modified", "prolonged"} for side in sides for e in side.entries)
    return modified or _TIMED in view.classes_of(row)
