"""Rows: which entries, over all lists, are one medicine.

A row is one ingredient set by one kind of route. Grouping by that key (not by chains of pairs) is what makes a wrong
merge impossible: connected components over pairwise matches joined different medicines in trials. The result does not
depend on the order of lists or entries.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.matching.compare import relate
from gateway.matching.facets import Facet, Facets, facets_of
from gateway.matching.groups import Group, group
from gateway.matching.knowledge import Thresholds
from gateway.matching.lines import lines_of
from gateway.matching.suggestions import suggest
from gateway.records.lists import MedicineList
from gateway.records.matching import Matching, MatchLevel, Row
from gateway.terminology.vocabulary import Vocabulary

_SINGLE = MatchLevel.SINGLE
_NO_REASONS: tuple[str, ...] = ()


def match(lists: Sequence[MedicineList], vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Matching:
    """Every entry in exactly one row; what might belong together but is not certain becomes a suggestion."""
    known = facets_of(vocabulary, thresholds)
    grouped = group(lists, known)
    groups = [*grouped.read, *grouped.unread]
    groups.sort(key=_place)
    rows = tuple([_row(f"r{n}", one, known) for n, one in enumerate(groups, start=1)])
    return Matching(rows, suggest(groups, grouped, known) if grouped.unread or grouped.apart else ())


def _place(one: Group) -> tuple[str, str]:
    return (one.name, one.entries[0].id)


def _row(row: str, one: Group, known: Facets) -> Row:
    entries, facets = one.entries, one.facets
    ids = tuple([entry.id for entry in entries])
    lines: tuple[tuple[str, ...], ...] = (ids,)
    if len(ids) == 1:
        level, reasons = _SINGLE, _NO_REASONS
    elif not one.repeated:
        # Where no list has two entries, greedy pairing ends in one line, whichever pair comes first.
        level, reasons = known.rows.get(key := tuple(facets)) or _remember(key, known)
    else:
        lines = lines_of(entries, facets, known)
        facet_of = dict(zip(ids, facets, strict=True))
        beside = [(facet_of[a], facet_of[b]) for line in lines for i, a in enumerate(line) for b in line[i + 1 :]]
        level, reasons = _worst(beside or _all_pairs(facets), known)
    ingredients = facets[0].ingredients or next((f.ingredients for f in facets if f.ingredients), ())
    return Row(row, one.name, ids, lines, level, reasons, ingredients, None if one.split else one.kind)


def _remember(facets: tuple[Facet, ...], known: Facets) -> tuple[MatchLevel, tuple[str, ...]]:
    """The same products side by side are the same row for the next patient, too."""
    found = known.rows[facets] = _worst(_all_pairs(facets), known)
    return found


def _all_pairs(facets: Sequence[Facet]) -> list[tuple[Facet, Facet]]:
    return [(a, b) for i, a in enumerate(facets) for b in facets[i + 1 :]]


def _worst(pairs: Sequence[tuple[Facet, Facet]], known: Facets) -> tuple[MatchLevel, tuple[str, ...]]:
    matches = [relate(a, b, known) for a, b in pairs]
    reasons = dict.fromkeys(reason for m in matches for reason in m.reasons)
    return MatchLevel.worst(*(m.level for m in matches)), tuple(reasons)
