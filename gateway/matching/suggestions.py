"""Suggestions: what might be the same medicine, for a person to decide. Nothing here ever joins.

An unread name stands beside the rows that it may be: the same words, a brand that another list writes beside the
generic name, one letter from the name, a name cut off, or words that are merely alike. At most so many for each, best
first, and the same whatever the order of lists.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from gateway.matching.facets import Facet, Facets
from gateway.records.matching import Suggestion

if TYPE_CHECKING:
    from gateway.matching.rows import Group

SAME_WORDS = "the same words on both lists, but the name is not understood"
SAME_BRAND = "another list writes this name as a brand; the gateway does not know the brand"
ONE_LETTER = "one letter from {}; the gateway does not decide this"
CUT_OFF = "it begins as {} does, and may be cut off; the gateway does not decide this"
SIMILAR = "similar words; the gateway does not decide this"


def suggest(groups: Sequence[Group], known: Facets) -> tuple[Suggestion, ...]:
    """Unread rows beside rows with like names, best first; rows of one medicine where a route is unknown."""
    found: list[Suggestion] = []
    for group in groups:
        if not group.facets[0].ingredients and not group.understood:
            found += _for_unread(group, groups, known)
    found += _for_unknown_route(groups)
    if not found:
        return ()
    unique = {one.entries: one for one in sorted(found, key=lambda s: (s.similarity, s.why))}
    return tuple(sorted(unique.values(), key=lambda s: (-s.similarity, s.entries)))


def _for_unread(unread: Group, groups: Sequence[Group], known: Facets) -> list[Suggestion]:
    candidates = []
    for other in groups:
        if other is unread or other.facets[0].product.appliance:
            continue
        score, why = max(
            (_alike(a, b, known) for a in unread.facets for b in other.facets), key=lambda found: (found[0], found[1])
        )
        if score >= known.thresholds.suggest_from:
            ids = sorted((unread.entries[0].id, other.entries[0].id))
            candidates.append(Suggestion(tuple(ids), why, score))
    candidates.sort(key=lambda s: (-s.similarity, s.entries))
    return candidates[: known.thresholds.suggest_at_most]


def _alike(unread: Facet, other: Facet, known: Facets) -> tuple[int, str]:
    found = known.alike.get((unread, other))
    if found is None:
        found = known.alike[(unread, other)] = _score(unread, other, known)
    return found


def _score(unread: Facet, other: Facet, known: Facets) -> tuple[int, str]:
    if unread.words and unread.words == other.words:
        return 100, SAME_WORDS
    name = first_words(unread.words)
    if name and other.brand and name == first_words(other.brand):
        return 100, SAME_BRAND
    whole = fuzz.token_sort_ratio(unread.words, other.words) if unread.words and other.words else 0
    scores = [(round(whole), SIMILAR)]
    limits = known.thresholds
    for theirs in _names(other):
        # The first words carry the name: "xapaban 5mg tablets" against "apixaban" alone.
        ours = " ".join(unread.words.split()[: theirs.count(" ") + 1])
        if len(ours) >= limits.suggest_shortest_name:
            if OSA.distance(ours, theirs, score_cutoff=1) == 1:
                scores.append(
                    (max(limits.suggest_one_letter, round(fuzz.ratio(ours, theirs))), ONE_LETTER.format(theirs))
                )
            elif theirs.startswith(name) and len(name) >= limits.suggest_shortest_name and name != theirs:
                scores.append((limits.suggest_cut_off, CUT_OFF.format(theirs)))
        scores.append((round(fuzz.ratio(ours, theirs)), SIMILAR))
    return max(scores)


def _names(facet: Facet) -> list[str]:
    """The names that a person would look at: its one ingredient, its brand, and the words its text begins with."""
    names = [*(facet.ingredients if len(facet.ingredients) == 1 else ()), facet.brand, first_words(facet.words)]
    return list(dict.fromkeys(n for n in names if n))


def first_words(words: str) -> str:
    """What stands before the first number: the name, in nearly every text."""
    kept = []
    for word in words.split():
        if word[0].isdigit():
            break
        kept.append(word)
    return " ".join(kept)


def _for_unknown_route(groups: Sequence[Group]) -> list[Suggestion]:
    by_ingredients: dict[tuple[str, ...], list[Group]] = defaultdict(list)
    for group in groups:
        ingredients = group.facets[0].ingredients
        if ingredients:
            by_ingredients[ingredients].append(group)
    if len(by_ingredients) == len(groups):
        return []
    found = []
    for same in by_ingredients.values():
        for i, a in enumerate(same):
            for b in same[i + 1 :]:
                if not (a.entries[0].route and b.entries[0].route):
                    ids = tuple(sorted((a.entries[0].id, b.entries[0].id)))
                    found.append(Suggestion(ids, "same ingredients, but one does not say by which route", 100))
    return found
