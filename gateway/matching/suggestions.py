"""Suggestions: what might be the same medicine, for a person to decide. Nothing here ever joins."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from gateway.matching.knowledge import Thresholds
from gateway.records.lists import MedicineEntry
from gateway.records.matching import Suggestion
from gateway.terminology.vocabulary import Vocabulary, normalise_words


def suggest(
    groups: Sequence[list[MedicineEntry]], vocabulary: Vocabulary, thresholds: Thresholds
) -> tuple[Suggestion, ...]:
    """Unread rows beside rows with like names, best first; rows of one medicine where a route is unknown."""
    found = []
    for n, group in enumerate(groups):
        if group[0].product.appliance:
            continue
        if not any(e.product.understood for e in group):
            found += _for_unread(n, groups, thresholds)
    found += _for_unknown_route(groups)
    unique = {tuple(sorted(one.entries)): one for one in sorted(found, key=lambda s: (s.similarity, s.why))}
    return tuple(sorted(unique.values(), key=lambda s: (-s.similarity, s.entries)))


def _for_unread(n: int, groups: Sequence[list[MedicineEntry]], thresholds: Thresholds) -> list[Suggestion]:
    unread = groups[n][0]
    candidates = []
    for m, other in enumerate(groups):
        if m == n or other[0].product.appliance:
            continue
        score, why = _alike(unread, other)
        if score >= thresholds.suggest_from:
            candidates.append(Suggestion(tuple(sorted((unread.id, other[0].id))), why, score))
    return sorted(candidates, key=lambda s: (-s.similarity, s.entries))[: thresholds.suggest_at_most]


def _alike(unread: MedicineEntry, other: list[MedicineEntry]) -> tuple[int, str]:
    name = normalise_words(unread.product.name)
    best = 0
    for entry in other:
        theirs = normalise_words(entry.product.name)
        if theirs and theirs == name:
            return 100, "the same words on both lists, but the name is not understood"
        scores = [fuzz.token_sort_ratio(name, theirs)]
        # The first words carry the name: "xapaban 5mg tablets" against "apixaban" alone.
        scores += [
            fuzz.ratio(" ".join(name.split()[: i.count(" ") + 1]), i)
            for i in entry.product.ingredients
            if len(entry.product.ingredients) == 1
        ]
        best = max(best, round(max(scores)))
    return best, "similar words; the gateway does not decide this"


def _for_unknown_route(groups: Sequence[list[MedicineEntry]]) -> list[Suggestion]:
    found = []
    read = [g for g in groups if g[0].product.understood]
    for i, a in enumerate(read):
        for b in read[i + 1 :]:
            if a[0].product.ingredients == b[0].product.ingredients and not (a[0].route and b[0].route):
                ids = tuple(sorted((a[0].id, b[0].id)))
                found.append(Suggestion(ids, "same ingredients, but one does not say by which route", 100))
    return found
