"""Lines: inside a row, which entry of one list stands beside which of another.

Greedy, closest pair first, one entry of each list in a line. Optimal assignment gained nothing over this in trials.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

from gateway.matching.compare import relate
from gateway.matching.facets import Facets
from gateway.records.lists import MedicineEntry
from gateway.records.matching import MatchLevel

_ORDER = {level: n for n, level in enumerate(MatchLevel)}
_ID = attrgetter("id")


def lines_of(group: Sequence[MedicineEntry], known: Facets) -> tuple[tuple[str, ...], ...]:
    """Lines of entry ids; every entry in exactly one line; lines with current entries first, then by id.

    `group` is sorted by id. Where no list has two entries, greedy pairing ends in one line whatever comes first.
    """
    line_of = {entry.id: [entry] for entry in group}
    pairs = [(a, b) for i, a in enumerate(group) for b in group[i + 1 :] if a.list != b.list]
    for a, b in sorted(pairs, key=lambda pair: _distance(pair[0], pair[1], known)):
        left, right = line_of[a.id], line_of[b.id]
        if left is right or {e.list for e in left} & {e.list for e in right}:
            continue
        left += right
        for entry in right:
            line_of[entry.id] = left
    lines = {id(line): line for line in line_of.values()}.values()
    ordered = sorted(lines, key=lambda line: (not any(e.current for e in line), min(e.id for e in line)))
    return tuple(tuple(sorted(map(_ID, line))) for line in ordered)


def _distance(a: MedicineEntry, b: MedicineEntry, known: Facets) -> tuple[int, int, bool, bool, str, str]:
    """Current with current first, so that an ended authorisation never takes the place of today's.

    Then by level, strength (500 mg is 0.5 g) and dose, so that the part doses of a medicine find their like.
    """
    standing = 0 if a.current and b.current else 2 if a.current != b.current else 1
    left, right = known.of(a.product), known.of(b.product)
    same_dose = a.dose.parsed and b.dose.parsed and a.dose.sequence == b.dose.sequence
    level = _ORDER[relate(left, right, known).level]
    return (standing, level, left.strengths != right.strengths, not same_dose, a.id, b.id)
