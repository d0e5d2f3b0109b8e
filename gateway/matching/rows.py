"""Rows: which entries, over all lists, are one medicine.

A row is one ingredient set by one kind of route. Grouping by that key (not by chains of pairs) is what makes a wrong
merge impossible: connected components over pairwise matches joined different medicines in trials. The result does not
depend on the order of lists or entries.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter

from gateway.matching.compare import relate
from gateway.matching.facets import Facet, Facets, facets_of
from gateway.matching.knowledge import Thresholds
from gateway.matching.lines import lines_of
from gateway.matching.suggestions import suggest
from gateway.records.lists import MedicineEntry, MedicineList
from gateway.records.matching import Matching, MatchLevel, Row
from gateway.terminology.vocabulary import Vocabulary

#: Ingredients, kind of route, and (of unread entries, each a group of its own at first) an id.
Key = tuple[tuple[str, ...], str | None]

_ID = attrgetter("id")


class Group:
    """Entries of one row with their facets, in the same order, and the kinds of route among them."""

    __slots__ = ("entries", "facets", "kinds", "name")

    def __init__(self, name: str, kind: str | None) -> None:
        self.name = name
        self.entries: list[MedicineEntry] = []
        self.facets: list[Facet] = []
        self.kinds = {kind} if kind else set()

    def take(self, other: Group) -> None:
        """In order of id again; the name stays that of the group that takes, so it is the read one."""
        both = sorted(
            [*zip(self.entries, self.facets, strict=True), *zip(other.entries, other.facets, strict=True)],
            key=lambda one: one[0].id,
        )
        self.entries, self.facets = [e for e, _ in both], [f for _, f in both]
        self.kinds |= other.kinds

    @property
    def understood(self) -> bool:
        return any(f.ingredients for f in self.facets)


def match(lists: Sequence[MedicineList], vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Matching:
    """Every entry in exactly one row; what might belong together but is not certain becomes a suggestion."""
    known = facets_of(vocabulary, thresholds)
    entries = [entry for one in lists for entry in one.entries]
    entries.sort(key=_ID)
    groups = _groups(entries, known)
    groups.sort(key=lambda group: (group.name, group.entries[0].id))
    rows = tuple([_row(f"r{n}", group, known) for n, group in enumerate(groups, start=1)])
    return Matching(rows, suggest(groups, known))


def _groups(entries: Sequence[MedicineEntry], known: Facets) -> list[Group]:
    by_key: dict[Key, Group] = {}
    unread: list[Group] = []
    kinds, of = known.kinds, known.of
    unsettled = False
    for entry in entries:
        facet = of(entry.product)
        kind = kinds.get(entry.route) if entry.route else None
        if kind is None:
            kind = facet.kind
        ingredients = facet.ingredients
        if ingredients:
            key = (ingredients, kind)
            group = by_key.get(key)
            if group is None:
                group = by_key[key] = Group(facet.label, kind)
                unsettled = unsettled or kind is None
        else:
            group = Group(facet.label, kind)
            unread.append(group)
        group.entries.append(entry)
        group.facets.append(facet)
    if unsettled:
        _settle_unknown_routes(by_key)
    left = _join_unread_by_code(by_key, unread) if unread else []
    return [*by_key.values(), *left]


def _settle_unknown_routes(by_key: dict[Key, Group]) -> None:
    """An entry that names no route joins the only kind of route there is; with two kinds it stays alone."""
    for ingredients in [i for i, kind in by_key if kind is None]:
        kinds = [kind for i, kind in by_key if i == ingredients and kind is not None]
        if len(kinds) == 1:
            by_key[(ingredients, kinds[0])].take(by_key.pop((ingredients, None)))


def _join_unread_by_code(by_key: dict[Key, Group], unread: Sequence[Group]) -> list[Group]:
    """Unread entries of one code are one group; it joins a read row only where that row alone holds the code.

    One whose codings contradict each other joins nothing.
    """
    left = [g for g in unread if g.facets[0].contradicted or not g.facets[0].codes]
    coded = [g for g in unread if g.facets[0].codes and not g.facets[0].contradicted]
    if not coded:
        return left
    holders: dict[tuple[str | None, str | None], set[Key]] = defaultdict(set)
    for key, group in by_key.items():
        for facet in group.facets:
            for code in facet.codes:
                holders[code].add(key)
    for component in _components(coded):
        codes = {code for facet in component.facets for code in facet.codes}
        homes = set().union(*(holders.get(code, set()) for code in codes))
        if len(homes) == 1:
            by_key[homes.pop()].take(component)
        else:
            left.append(component)
    return left


def _components(coded: Sequence[Group]) -> list[Group]:
    """Groups that share a code, joined; the first by id names what nobody could read."""
    joined: list[Group] = []
    for one in coded:
        codes = one.facets[0].codes
        same = [g for g in joined if any(codes & f.codes for f in g.facets)]
        for other in same:
            one.take(other)
        joined = [g for g in joined if g not in same] + [one]
        one.name = one.facets[0].label
    return joined


def _row(row: str, group: Group, known: Facets) -> Row:
    entries, facets = group.entries, group.facets
    ids = tuple(map(_ID, entries))
    level, reasons = MatchLevel.SINGLE, ()  # type: tuple[MatchLevel, tuple[str, ...]]
    if len(entries) == 1:
        lines: tuple[tuple[str, ...], ...] = (ids,)
    elif len({entry.list for entry in entries}) == len(entries):
        lines = (ids,)
        level, reasons = _remembered(tuple(facets), known)
    else:
        lines = lines_of(entries, known)
        facet_of = dict(zip(ids, facets, strict=True))
        beside = [(facet_of[a], facet_of[b]) for line in lines for i, a in enumerate(line) for b in line[i + 1 :]]
        level, reasons = _worst(beside or _all_pairs(facets), known)
    return Row(
        id=row,
        medicine=group.name,
        entries=ids,
        lines=lines,
        level=level,
        reasons=reasons,
        ingredients=facets[0].ingredients or next((f.ingredients for f in facets if f.ingredients), ()),
        kind_of_route=next(iter(group.kinds)) if len(group.kinds) == 1 else None,
    )


def _remembered(facets: tuple[Facet, ...], known: Facets) -> tuple[MatchLevel, tuple[str, ...]]:
    """The same products side by side are the same row for the next patient, too."""
    found = known.rows.get(facets)
    if found is None:
        found = known.rows[facets] = _worst(_all_pairs(facets), known)
    return found


def _all_pairs(facets: Sequence[Facet]) -> list[tuple[Facet, Facet]]:
    return [(a, b) for i, a in enumerate(facets) for b in facets[i + 1 :]]


def _worst(pairs: Sequence[tuple[Facet, Facet]], known: Facets) -> tuple[MatchLevel, tuple[str, ...]]:
    matches = [relate(a, b, known) for a, b in pairs]
    reasons = dict.fromkeys(reason for m in matches for reason in m.reasons)
    return MatchLevel.worst(*(m.level for m in matches)), tuple(reasons)
