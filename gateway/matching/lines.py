"""Lines: inside a row, which entry of one list stands beside which of another.

Greedy, closest pair first, one entry of each list in a line. Optimal assignment gained nothing over this in trials.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.matching.compare import relate
from gateway.matching.facets import Facet, Facets
from gateway.records.lists import MedicineEntry
from gateway.records.matching import MatchLevel

_ORDER = {level: n for n, level in enumerate(MatchLevel)}


def lines_of(group: Sequence[MedicineEntry], facets: Sequence[Facet], known: Facets) -> tuple[tuple[str, ...], ...]:
    """Lines of entry ids; every entry in exactly one line; lines with current entries first, then by id.

    `group` is sorted by id, with the facet of each. Where no list has two entries, greedy pairing ends in one line
    whatever comes first.
    """
    there = list(zip(group, facets, strict=True))
    pairs = [
        (_distance(a, left, b, right, known), n, m)
        for n, (a, left) in enumerate(there)
        for m, (b, right) in enumerate(there[n + 1 :], start=n + 1)
        if a.list != b.list
    ]
    pairs.sort()
    # Of each entry the line it stands in: its entries by number, and the lists that they are of.
    lines = [([n], {entry.list}) for n, entry in enumerate(group)]
    for _, n, m in pairs:
        left, right = lines[n], lines[m]
        if left is right or not left[1].isdisjoint(right[1]):
            continue
        left[0].extend(right[0])
        left[1].update(right[1])
        for number in right[0]:
            lines[number] = left
    # A line stands under its first entry, which has the least id.
    found = [sorted(line[0]) for n, line in enumerate(lines) if min(line[0]) == n]
    found.sort(key=lambda line: not any(group[n].current for n in line))
    return tuple([tuple([group[n].id for n in line]) for line in found])


def _distance(
    a: MedicineEntry, left: Facet, b: MedicineEntry, right: Facet, known: Facets
) -> tuple[int, int, bool, bool]:
    """Current with current first, so that an ended authorisation never takes the place of today's.

    Then by level, strength (500 mg is 0.5 g) and dose, so that the part doses of a medicine find their like.
    """
    standing = 0 if a.current and b.current else 2 if a.current != b.current else 1
    same_dose = a.dose.parsed and b.dose.parsed and a.dose.sequence == b.dose.sequence
    level = _ORDER[relate(left, right, known).level]
    return (standing, level, left.strengths != right.strengths, not same_dose)
