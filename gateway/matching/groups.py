"""Groups: the entries of one ingredient set by one kind of route, and unread entries that share a code.

This is the innermost loop of the gateway: every entry of every patient passes it, so it looks things up and does
nothing twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from operator import attrgetter

from msgspec import Struct

from gateway.matching.facets import OR, Facet, Facets, may_be_one
from gateway.records.lists import MedicineEntry, MedicineList

_ID = attrgetter("id")


class Group(Struct, eq=False):
    """Entries of one row with their facets, in order of id.

    `kind` is the kind of route that is known, and `split` whether another one is known, too. `repeated` is whether a
    list has two entries here; `last` the list whose entry came last.
    """

    name: str
    kind: str | None
    last: MedicineList
    entries: list[MedicineEntry]
    facets: list[Facet]
    repeated: bool = False
    split: bool = False

    def by(self, kind: str | None) -> None:
        """An entry came that is by this kind of route; one that names none joins the only kind there is."""
        if kind is not None and kind != self.kind:
            self.split = self.split or self.kind is not None
            self.kind = self.kind or kind

    def take(self, other: Group) -> None:
        """In order of id again; the name stays that of the group that takes, so it is the read one."""
        both = [*zip(self.entries, self.facets, strict=True), *zip(other.entries, other.facets, strict=True)]
        both.sort(key=lambda one: one[0].id)
        self.entries, self.facets = [e for e, _ in both], [f for _, f in both]
        self.repeated = len({entry.list for entry in self.entries}) < len(self.entries)
        self.by(other.kind)
        self.split = self.split or other.split


class Grouped(Struct, eq=False):
    """`read` and `unread` are all groups; `apart` holds those of one ingredient set that stand apart by route."""

    read: list[Group]
    unread: list[Group]
    apart: list[list[Group]]


def group(lists: Sequence[MedicineList], known: Facets) -> Grouped:
    """Every entry in exactly one group, whatever the order of lists and entries."""
    by_ingredients: dict[int, Group] = {}
    unread: list[Group] = []
    kinds, remembered, there = known.kinds, known.by_id, by_ingredients.get
    # An id begins with LIST/, so that this is the order of all ids.
    for one in sorted(lists, key=lambda one: f"{one.name}/"):
        for entry in sorted(one.entries, key=_ID):
            product = entry.product
            found = remembered.get(id(product))
            facet = found[1] if found is not None and found[0] is product else known.learn(product)
            route = entry.route
            kind = facet.kind if route is None else kinds.get(route, facet.kind)
            number = facet.number
            if not number:
                unread.append(Group(facet.label, kind, one, [entry], [facet]))
                continue
            same = there(number)
            if same is None:
                by_ingredients[number] = Group(facet.label, kind, one, [entry], [facet])
                continue
            same.entries.append(entry)
            same.facets.append(facet)
            if same.last is one:
                same.repeated = True
            else:
                same.last = one
            if kind is not None and kind != same.kind:
                same.by(kind)
    read = list(by_ingredients.values())
    apart = [_by_kind(one, known) for one in read if one.split]
    if apart:
        read = [one for one in read if not one.split] + [part for parts in apart for part in parts]
    return Grouped(read, _join_by_code(read, unread) if unread else unread, apart)


def _by_kind(whole: Group, known: Facets) -> list[Group]:
    """One ingredient set by several kinds of route: a group for each, and what names none stays alone."""
    parts: dict[str | None, Group] = {}
    for entry, facet in zip(whole.entries, whole.facets, strict=True):
        kind = known.kinds.get(entry.route or "", facet.kind)
        one = Group(facet.label, kind, whole.last, [entry], [facet])
        if kind in parts:
            parts[kind].take(one)
        else:
            parts[kind] = one
    # One that may be by several kinds joins the only one of them that there is.
    for kind in [k for k in parts if k and OR in k]:
        same = [k for k in parts if k and k != kind and may_be_one(k, kind)]
        if len(same) == 1:
            parts[same[0]].take(parts.pop(kind))
    return list(parts.values())


def _join_by_code(read: Sequence[Group], unread: Sequence[Group]) -> list[Group]:
    """Unread entries of one code are one group; it joins a read one only where that alone holds the code.

    One whose codings contradict each other joins nothing. Those that join no read group come back.
    """
    left = [g for g in unread if g.facets[0].contradicted or not g.facets[0].codes]
    coded = [g for g in unread if g.facets[0].codes and not g.facets[0].contradicted]
    if not coded:
        return left
    holders: dict[tuple[str | None, str | None], set[int]] = defaultdict(set)
    for n, one in enumerate(read):
        for facet in one.facets:
            for code in facet.codes:
                holders[code].add(n)
    for component in _components(coded):
        homes = {n for facet in component.facets for code in facet.codes for n in holders.get(code, ())}
        if len(homes) == 1:
            read[homes.pop()].take(component)
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
