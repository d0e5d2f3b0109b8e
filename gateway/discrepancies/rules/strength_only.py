"""Another strength, while the dose is the same or cannot be told."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.comparison import Kind, contests
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_value, listed, strengths
from gateway.records.lists import MedicineEntry


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        entries = view.current_entries(row)
        if not entries or all(e.product.strengths == entries[0].product.strengths for e in entries):
            continue
        for contest in contests(view, row, pack):
            pairs = contest.of(Kind.SAME, Kind.UNKNOWN, Kind.UNREAD)
            apart = [(a, b, d) for a, b, d in pairs if _strengths(a.entries, view) and _strengths(b.entries, view)]
            apart = [(a, b, d) for a, b, d in apart if _strengths(a.entries, view) != _strengths(b.entries, view)]
            if not apart:
                continue
            sides = [side for side in contest.sides if any(side in (a, b) for a, b, _ in apart)]
            said_by = tuple(e for side in sides for e in side.entries)
            same = all(d.kind is Kind.SAME for _, _, d in apart)
            said = (
                "has the same dose, made up of different strengths"
                if same
                else "has different strengths, and the doses cannot be compared"
            )
            values = by_value((s.list, listed(strengths(e) for e in s.entries)) for s in sides)
            yield Raised(
                message=f"{row.medicine} {said}. {values}.",
                rows=(row.id,),
                entries=tuple(e.id for e in said_by),
                evidence=tuple(f"{e.id}#strength" for e in said_by),
                settle="Check which strength the patient has at home.",
            )


def _strengths(entries: tuple[MedicineEntry, ...], view: RuleView) -> frozenset[object]:
    found = set()
    for entry in entries:
        for s in entry.product.strengths:
            known, per = view.vocabulary.units.get(s.unit), view.vocabulary.units.get(s.per_unit or "")
            value = s.value * known.factor if known else s.value
            divisor = (s.per_value or 1) * (per.factor if per else 1)
            found.add((s.ingredient, value / divisor, known.dimension if known else s.unit, per and per.dimension))
    return frozenset(found)
