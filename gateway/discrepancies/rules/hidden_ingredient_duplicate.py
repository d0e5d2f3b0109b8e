"""Two current medicines share an ingredient and do not look it.

A combination beside one of its parts, or a brand beside its generic on one list. Medicines count together at one moment
of the patient's way.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from gateway.discrepancies.moments import moments
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.part_doses import parts_of_one_dose
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import by_list, listed
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row
from gateway.records.product import Product


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for one, other in _sharing(view):
        shared = sorted(set(one.ingredients) & set(other.ingredients))
        if not _same_kind(one, other) or one.ingredients == other.ingredients:
            continue
        entries = _together(view, one, other)
        if entries:
            yield _raised(view, (one, other), entries, f"Both contain {listed(shared)}")
    for row in view.rows:
        for name, entries in view.current[row.id].items():
            if len(entries) < 2 or view.by_name[name].role is ListRole.SUPPLY:
                continue
            if pair := _brand_and_generic(entries):
                yield _raised(view, (row,), pair, f"Both are {row.medicine}")


def _sharing(view: RuleView) -> list[tuple[Row, Row]]:
    """Pairs of rows with an ingredient in common, in the order of the rows."""
    by_ingredient: dict[str, list[int]] = {}
    for n, row in enumerate(view.rows):
        for ingredient in row.ingredients:
            by_ingredient.setdefault(ingredient, []).append(n)
    pairs = {pair for rows in by_ingredient.values() for pair in combinations(rows, 2)}
    return [(view.rows[i], view.rows[j]) for i, j in sorted(pairs) if i != j]


def _raised(view: RuleView, rows: tuple[Row, ...], entries: tuple[MedicineEntry, ...], what: str) -> Raised:
    lists = [{e.list for e in entries if e.id in row.entries} for row in rows]
    return Raised(
        message=f"{what}. {by_list((e.list, e.text) for e in entries)}.",
        rows=tuple(row.id for row in rows),
        entries=tuple(e.id for e in entries),
        evidence=tuple(f"{e.id}#ingredients" for e in entries),
        settle="Check whether both are meant, and what they add up to.",
        scope="within" if set.intersection(*lists) else "between",
    )


def _same_kind(one: Row, other: Row) -> bool:
    return one.kind_of_route == other.kind_of_route or None in {one.kind_of_route, other.kind_of_route}


def _together(view: RuleView, one: Row, other: Row) -> tuple[MedicineEntry, ...]:
    found: dict[str, MedicineEntry] = {}
    for lists in moments(view):
        ours = [e for e in view.current_on(one, lists) if e.written.status != "on-hold"]
        theirs = [e for e in view.current_on(other, lists) if e.written.status != "on-hold"]
        if ours and theirs:
            found |= {e.id: e for e in (*ours, *theirs)}
    return tuple(found.values())


def _brand_and_generic(entries: tuple[MedicineEntry, ...]) -> tuple[MedicineEntry, ...]:
    """Entries of one strength and release under different brand names; a strength that is not said is no clue."""
    active = [e for e in entries if e.written.status != "on-hold" and e.product.strengths]
    for a, b in combinations(active, 2):
        one, two = a.product, b.product
        same = (one.strengths, _slow(one), a.route) == (two.strengths, _slow(two), b.route)
        if same and (one.brand or "").lower() != (two.brand or "").lower() and not parts_of_one_dose(a, b):
            return (a, b)
    return ()


def _slow(product: Product) -> tuple[bool, object]:
    """Brand names leave "gastro-resistant" out (Losec), so only a slow release is another product."""
    return product.release in {"modified", "prolonged"}, product.release_hours
