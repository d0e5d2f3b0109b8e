"""Lines: inside a row, which entry of one list stands beside which of another.

Greedy, closest pair first, one entry of each list in a line. Optimal assignment gained nothing over this in trials.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.records.lists import MedicineEntry
from gateway.records.matching import Match, MatchLevel

_ORDER = {level: n for n, level in enumerate(MatchLevel)}

Relate = Callable[[MedicineEntry, MedicineEntry], Match]


def lines_of(group: Sequence[MedicineEntry], relate: Relate) -> tuple[tuple[str, ...], ...]:
    """Lines of entry ids; every entry in exactly one line; lines with current entries first, then by id."""
    line_of = {entry.id: [entry] for entry in group}
    pairs = [(a, b) for i, a in enumerate(group) for b in group[i + 1 :] if a.list != b.list]
    for a, b in sorted(pairs, key=lambda pair: _distance(pair[0], pair[1], relate)):
        left, right = line_of[a.id], line_of[b.id]
        if left is right or {e.list for e in left} & {e.list for e in right}:
            continue
        left += right
        for entry in right:
            line_of[entry.id] = left
    lines = {id(line): line for line in line_of.values()}.values()
    ordered = sorted(lines, key=lambda line: (not any(e.current for e in line), min(e.id for e in line)))
    return tuple(tuple(sorted(e.id for e in line)) for line in ordered)


def _distance(a: MedicineEntry, b: MedicineEntry, relate: Relate) -> tuple[int, int, int, int, str, str]:
    """Current with current first, so that an ended authorisation never takes the place of today's."""
    standing = 0 if a.current and b.current else 2 if a.current != b.current else 1
    same_dose = a.dose.parsed and b.dose.parsed and a.dose.sequence == b.dose.sequence
    same_strength = a.product.strengths == b.product.strengths
    return (standing, _ORDER[relate(a, b).level], not same_strength, not same_dose, a.id, b.id)
