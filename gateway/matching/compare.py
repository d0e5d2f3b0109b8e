"""How two products relate: the first fact that holds decides, and is kept as the reason.

Order: other ingredients or another kind of route keep them apart whatever else is equal; then equal code; then the
attributes as read. Similarity of the words plays no part here: at the usual cut-offs it accepts a quarter of all
look-alike pairs of different substances.
"""

from __future__ import annotations

from gateway.matching.facets import Facet, Facets, facets_of, may_be_one
from gateway.matching.knowledge import Thresholds
from gateway.records.matching import Match, MatchLevel
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary


def compare(a: Product, b: Product, vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Match:
    """Level and reasons for two products, the same whichever comes first.

    A product that was not understood relates to another only by an equal code; equal or unread text is a suggestion.
    """
    known = facets_of(vocabulary, thresholds)
    return _compare(known.of(a), known.of(b))


def relate(a: Facet, b: Facet, known: Facets) -> Match:
    """`compare` for two entries of one row, remembered.

    They are never apart: what joined them was the row's key, so the least that holds is the ingredients.
    """
    found = known.pairs.get((a, b))
    if found is None:
        found = _compare(a, b)
        if found.level is MatchLevel.APART:
            found = Match(MatchLevel.SAME_INGREDIENTS, ("joined through a code that a third entry shares",))
        known.pairs[(a, b)] = found
    return found


def _compare(a: Facet, b: Facet) -> Match:
    if (a.contradicted and not a.ingredients) or (b.contradicted and not b.ingredients):
        return Match(MatchLevel.APART, ("codings or text of one of them contradict each other",), suggestion=True)
    if a.ingredients and b.ingredients and a.ingredients != b.ingredients:
        return Match(MatchLevel.APART, (f"other ingredients: {'; '.join(sorted((a.label, b.label)))}",))
    if a.kind and b.kind and not may_be_one(a.kind, b.kind):
        return Match(MatchLevel.APART, (f"another kind of route: {' and '.join(sorted((a.kind, b.kind)))}",))
    code = shared_code(a, b)
    if not (a.ingredients and b.ingredients):
        return _by_code_or_text(a, b, code)
    return _by_attributes(a, b, code)


def _by_code_or_text(a: Facet, b: Facet, code: str | None) -> Match:
    if code:
        return Match(MatchLevel.SAME_PRODUCT, (f"both coded {code}",))
    if a.words and a.words == b.words:  # two blank names, or two in another script, are not the same
        return Match(MatchLevel.APART, ("same words, but the name is not understood",), suggestion=True)
    return Match(MatchLevel.APART, ("a name is not understood",))


def _by_attributes(a: Facet, b: Facet, code: str | None) -> Match:
    differing = tuple(_differences(a, b))
    confirmed = tuple(sorted({f.product.confirmed for f in (a, b) if f.product.confirmed}))
    if confirmed:
        return Match(MatchLevel.CONFIRMED, confirmed + differing)
    corrected = tuple(sorted({f'"{w}" read as {r}' for f in (a, b) for w, r in f.product.corrected}))
    if corrected:
        return Match(MatchLevel.SPELLING, corrected + differing)
    if code and not any("differ" in one for one in differing):
        return Match(MatchLevel.SAME_PRODUCT, (f"both coded {code}",))
    if differing:
        return Match(MatchLevel.SAME_INGREDIENTS, (f"same ingredients: {a.label}", *differing))
    if a.brand != b.brand:
        return Match(MatchLevel.SAME_GENERIC, (_brand_reason(a, b),))
    return Match(MatchLevel.SAME_PRODUCT, ("every attribute that was read is equal",))


def _differences(a: Facet, b: Facet) -> list[str]:
    found = []
    one, other = a.product, b.product
    pairs = (
        ("strength", a.strengths, b.strengths),
        ("form", one.form, other.form),
        ("release", one.release or "immediate", other.release or "immediate"),
        ("presentation", one.presentation, other.presentation),
    )
    for what, left, right in pairs:
        if left == right:
            continue
        found.append(f"{what} differs" if left and right else f"{what} not stated on one side")
    if one.release_hours and other.release_hours and one.release_hours != other.release_hours:
        found.append("release differs")
    if one.device and other.device and one.device != other.device:
        found.append("device differs")
    return found


def shared_code(a: Facet, b: Facet) -> str | None:
    """A code that both carry, in words, or None; codes that name nothing do not count."""
    both = a.codes & b.codes
    if not both:
        return None
    system, code = min(both)
    return f"{code} in {system}"


def _brand_reason(a: Facet, b: Facet) -> str:
    brands = sorted(f.product.brand for f in (a, b) if f.product.brand)
    return f"brands {brands[0]} and {brands[1]}" if len(brands) == 2 else f"{brands[0]} is a brand of {a.label}"
