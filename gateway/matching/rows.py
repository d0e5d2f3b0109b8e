"""Rows: which entries, over all lists, are one medicine.

A row is one ingredient set by one kind of route. Grouping by that key (not by chains of pairs) is what makes a wrong
merge impossible: connected components over pairwise matches joined different medicines in trials. The result does not
depend on the order of lists or entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from gateway.matching.compare import compare, kind_of_route, shared_code
from gateway.matching.knowledge import Thresholds, load_thresholds
from gateway.matching.lines import lines_of
from gateway.matching.suggestions import suggest
from gateway.records.lists import MedicineEntry, MedicineList
from gateway.records.matching import Match, Matching, MatchLevel, Row
from gateway.terminology.vocabulary import Vocabulary, normalise_words

Key = tuple[tuple[str, ...], str | None]


def match(lists: Sequence[MedicineList], vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Matching:
    """Every entry in exactly one row; what might belong together but is not certain becomes a suggestion."""
    known = thresholds or load_thresholds()
    entries = sorted((entry for one in lists for entry in one.entries), key=lambda e: e.id)
    groups = [sorted(group, key=lambda e: e.id) for group in _groups(entries, vocabulary, known)]
    named = sorted(((_name(group), group) for group in groups), key=lambda pair: (pair[0], pair[1][0].id))
    rows = tuple(_row(f"r{n}", name, group, vocabulary, known) for n, (name, group) in enumerate(named, start=1))
    return Matching(rows=rows, suggestions=suggest([group for _, group in named], vocabulary, known))


def _groups(
    entries: Sequence[MedicineEntry], vocabulary: Vocabulary, thresholds: Thresholds
) -> Iterable[list[MedicineEntry]]:
    by_key: dict[Key, list[MedicineEntry]] = defaultdict(list)
    unread = []
    for entry in entries:
        if entry.product.understood:
            key = (entry.product.ingredients, kind_of_route(entry.product, entry.route, vocabulary))
            by_key[key].append(entry)
        else:
            unread.append(entry)
    _settle_unknown_routes(by_key)
    left = _join_unread_by_code(by_key, unread, thresholds)
    return [*by_key.values(), *left]


def _settle_unknown_routes(by_key: dict[Key, list[MedicineEntry]]) -> None:
    """An entry that names no route joins the only kind of route there is; with two kinds it stays alone."""
    for ingredients in [i for i, kind in by_key if kind is None]:
        kinds = [kind for i, kind in by_key if i == ingredients and kind is not None]
        if len(kinds) == 1:
            by_key[(ingredients, kinds[0])] += by_key.pop((ingredients, None))


def _join_unread_by_code(
    by_key: dict[Key, list[MedicineEntry]], unread: Sequence[MedicineEntry], thresholds: Thresholds
) -> list[list[MedicineEntry]]:
    """Unread entries of one code are one group; it joins a read row only where that row alone holds the code."""
    holders: dict[tuple[str | None, str | None], set[Key]] = defaultdict(set)
    for key, group in by_key.items():
        for entry in group:
            for code in entry.product.codes_now:
                holders[(code.system, code.code)].add(key)
    left: list[list[MedicineEntry]] = []
    for component in _components(unread, thresholds):
        ignored = thresholds.ignored_codes()
        codes = {(c.system, c.code) for e in component for c in e.product.codes_now if c.code not in ignored}
        contradicted = any(e.product.contradictions for e in component)
        homes = set() if contradicted else set().union(*(holders.get(code, set()) for code in codes))
        if len(homes) == 1:
            by_key[homes.pop()] += component
        else:
            left.append(component)
    return left


def _components(unread: Sequence[MedicineEntry], thresholds: Thresholds) -> list[list[MedicineEntry]]:
    groups: list[list[MedicineEntry]] = []
    for entry in unread:
        joins = (
            []
            if entry.product.contradictions
            else [
                g
                for g in groups
                if any(not o.product.contradictions and shared_code(entry.product, o.product, thresholds) for o in g)
            ]
        )
        merged = [entry, *(e for g in joins for e in g)]
        groups = [g for g in groups if g not in joins] + [merged]
    return groups


def _row(row: str, name: str, group: list[MedicineEntry], vocabulary: Vocabulary, thresholds: Thresholds) -> Row:
    relate = _Relate(vocabulary, thresholds)
    lines = lines_of(group, relate)
    by_id = {entry.id: entry for entry in group}
    pairs = [(a, b) for line in lines for i, a in enumerate(line) for b in line[i + 1 :]]
    if not pairs:
        pairs = [(a.id, b.id) for i, a in enumerate(group) for b in group[i + 1 :]]
    matches = [relate(by_id[a], by_id[b]) for a, b in pairs]
    read = next((e for e in group if e.product.understood), None)
    kinds = sorted({k for e in group if (k := kind_of_route(e.product, e.route, vocabulary))})
    return Row(
        id=row,
        medicine=name,
        entries=tuple(e.id for e in group),
        lines=lines,
        level=MatchLevel.worst(*(m.level for m in matches)) if matches else MatchLevel.SINGLE,
        reasons=tuple(dict.fromkeys(reason for m in matches for reason in m.reasons)),
        ingredients=read.product.ingredients if read else (),
        kind_of_route=kinds[0] if len(kinds) == 1 else None,
    )


class _Relate:
    """`compare`, remembered by product: a GP record repeats one product dozens of times.

    Entries of one row are never apart: what joined them was the row's key, so the least that holds is the ingredients.
    """

    def __init__(self, vocabulary: Vocabulary, thresholds: Thresholds) -> None:
        self._vocabulary, self._thresholds = vocabulary, thresholds
        self._seen: dict[tuple[int, int], Match] = {}

    def __call__(self, a: MedicineEntry, b: MedicineEntry) -> Match:
        key = (id(a.product), id(b.product))
        found = self._seen.get(key)
        if found is None:
            found = compare(a.product, b.product, self._vocabulary, self._thresholds)
            if found.level is MatchLevel.APART:
                found = Match(MatchLevel.SAME_INGREDIENTS, ("joined through a code that a third entry shares",))
            self._seen[key] = found
        return found


def _name(group: list[MedicineEntry]) -> str:
    for entry in group:
        if entry.product.understood:
            return " + ".join(entry.product.ingredients)
    return normalise_words(group[0].product.name) or group[0].product.name
