"""Suggestions: what might be the same medicine, for a person to decide. Nothing here ever joins.

An unread name stands beside the rows that it may be: the same words, a brand that another list writes beside the
generic name, one letter from the name, a name cut off, or words that are merely alike. At most so many for each, best
first, and the same whatever the order of lists.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA

from gateway.matching.facets import Facet, Facets
from gateway.matching.groups import Group, Grouped
from gateway.records.matching import Suggestion

SAME_WORDS = "the same words on both lists, but the name is not understood"
SAME_BRAND = "another list writes this name as a brand; the gateway does not know the brand"
ONE_LETTER = "one letter from {}; the gateway does not decide this"
CUT_OFF = "it begins as {} does, and may be cut off; the gateway does not decide this"
SIMILAR = "similar words; the gateway does not decide this"


_NOTHING = (0, "")


def suggest(groups: Sequence[Group], grouped: Grouped, known: Facets) -> tuple[Suggestion, ...]:
    """Unread rows beside rows with like names, best first; rows of one medicine where a route is unknown.

    `groups` are all of them, in the order of the rows.
    """
    found: list[Suggestion] = []
    for unread in grouped.unread:
        found += _for_unread(unread, groups, known)
    for parts in grouped.apart:
        found += _for_unknown_route(parts)
    if not found:
        return ()
    unique = {one.entries: one for one in sorted(found, key=lambda s: (s.similarity, s.why))}
    return tuple(sorted(unique.values(), key=lambda s: (-s.similarity, s.entries)))


def _for_unread(unread: Group, groups: Sequence[Group], known: Facets) -> list[Suggestion]:
    remembered, least, candidates = known.alike, known.thresholds.suggest_from, []
    for other in groups:
        best = _NOTHING
        for theirs in other.facets:
            for ours in unread.facets:
                found = remembered.get((ours, theirs)) or _remember(ours, theirs, known)
                if found > best:
                    best = found
        if best[0] >= least and other is not unread and not other.facets[0].product.appliance:
            ids = sorted((unread.entries[0].id, other.entries[0].id))
            candidates.append(Suggestion(tuple(ids), best[1], best[0]))
    candidates.sort(key=lambda s: (-s.similarity, s.entries))
    return candidates[: known.thresholds.suggest_at_most]


def _remember(unread: Facet, other: Facet, known: Facets) -> tuple[int, str]:
    found = known.alike[(unread, other)] = _score(unread, other, known)
    return found


def _score(unread: Facet, other: Facet, known: Facets) -> tuple[int, str]:
    if unread.words and unread.words == other.words:
        return 100, SAME_WORDS
    name = first_words(unread.words)
    if name and other.brand and name == first_words(other.brand):
        return 100, SAME_BRAND
    limits = known.thresholds
    alike = [fuzz.token_sort_ratio(unread.words, other.words) if unread.words and other.words else 0.0]
    one_letter, cut_off = [], []
    for theirs in _names(other):
        # The first words carry the name: "xapaban 5mg tablets" against "apixaban" alone.
        ours = " ".join(unread.words.split()[: theirs.count(" ") + 1])
        alike.append(fuzz.ratio(ours, theirs))
        if len(ours) >= limits.suggest_shortest_name and OSA.distance(ours, theirs, score_cutoff=1) == 1:
            one_letter.append(theirs)
        if len(name) >= limits.suggest_shortest_name and theirs.startswith(name) and theirs != name:
            cut_off.append(theirs)
    score = round(max(alike))
    if one_letter:
        return max(limits.suggest_one_letter, score), ONE_LETTER.format(one_letter[0])
    if cut_off:
        return max(limits.suggest_cut_off, score), CUT_OFF.format(cut_off[0])
    return score, SIMILAR


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


def _for_unknown_route(parts: Sequence[Group]) -> list[Suggestion]:
    """Of one ingredient set, the pairs of which one does not say by which route."""
    found = []
    for i, a in enumerate(parts):
        for b in parts[i + 1 :]:
            if not (a.entries[0].route and b.entries[0].route):
                ids = tuple(sorted((a.entries[0].id, b.entries[0].id)))
                found.append(Suggestion(ids, "same ingredients, but one does not say by which route", 100))
    return found
