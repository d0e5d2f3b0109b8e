"""How two products relate: the first fact that holds decides, and is kept as the reason.

Order: other ingredients or another kind of route keep them apart whatever else is equal; then equal code; then the
attributes as read. Similarity of the words plays no part here: at the usual cut-offs it accepts a quarter of all
look-alike pairs of different substances.
"""

from __future__ import annotations

from decimal import Decimal

from gateway.matching.knowledge import Thresholds, load_thresholds
from gateway.records.matching import Match, MatchLevel
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary, normalise_words


def compare(a: Product, b: Product, vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Match:
    """Level and reasons for two products, the same whichever comes first.

    A product that was not understood relates to another only by an equal code; equal or unread text is a suggestion.
    """
    known = thresholds or load_thresholds()
    if (a.contradictions and not a.understood) or (b.contradictions and not b.understood):
        return Match(MatchLevel.APART, ("codings or text of one of them contradict each other",), suggestion=True)
    if a.understood and b.understood and a.ingredients != b.ingredients:
        return Match(MatchLevel.APART, (f"other ingredients: {_names(a)}; {_names(b)}",))
    kind_a, kind_b = kind_of_route(a, None, vocabulary), kind_of_route(b, None, vocabulary)
    if kind_a and kind_b and kind_a != kind_b:
        return Match(MatchLevel.APART, (f"another kind of route: {' and '.join(sorted((kind_a, kind_b)))}",))
    code = shared_code(a, b, known)
    if not (a.understood and b.understood):
        return _by_code_or_text(a, b, code)
    return _by_attributes(a, b, code, vocabulary)


def _by_code_or_text(a: Product, b: Product, code: str | None) -> Match:
    if code:
        return Match(MatchLevel.SAME_PRODUCT, (f"both coded {code}",))
    words = normalise_words(a.name)
    if words and words == normalise_words(b.name):  # two blank names, or two in another script, are not the same
        return Match(MatchLevel.APART, ("same words, but the name is not understood",), suggestion=True)
    return Match(MatchLevel.APART, ("a name is not understood",))


def _by_attributes(a: Product, b: Product, code: str | None, vocabulary: Vocabulary) -> Match:
    differing = _differences(a, b, vocabulary)
    corrected = tuple(sorted({f'"{w}" read as {r}' for p in (a, b) for w, r in p.corrected}))
    if corrected:
        return Match(MatchLevel.SPELLING, corrected + tuple(differing))
    if code and not any("differ" in one for one in differing):
        return Match(MatchLevel.SAME_PRODUCT, (f"both coded {code}",))
    if differing:
        return Match(MatchLevel.SAME_INGREDIENTS, (f"same ingredients: {_names(a)}", *differing))
    if _brand(a) != _brand(b):
        return Match(MatchLevel.SAME_GENERIC, (_brand_reason(a, b),))
    return Match(MatchLevel.SAME_PRODUCT, ("every attribute that was read is equal",))


def _differences(a: Product, b: Product, vocabulary: Vocabulary) -> list[str]:
    found = []
    pairs = (
        ("strength", strength_key(a, vocabulary), strength_key(b, vocabulary)),
        ("form", a.form, b.form),
        ("release", a.release or "immediate", b.release or "immediate"),
        ("presentation", a.presentation, b.presentation),
    )
    for what, left, right in pairs:
        if left == right:
            continue
        found.append(f"{what} differs" if left and right else f"{what} not stated on one side")
    if a.release_hours and b.release_hours and a.release_hours != b.release_hours:
        found.append("release differs")
    if a.device and b.device and a.device != b.device:
        found.append("device differs")
    return found


def strength_key(product: Product, vocabulary: Vocabulary) -> tuple[tuple[str, Decimal, str, Decimal, str], ...]:
    """Strengths in base units, sorted, so that 500 mg and 0.5 g are one. Volumes stay as written.

    300 micrograms in 0.3 ml and 150 micrograms in 0.15 ml hold the same concentration and are two doses.
    """
    return tuple(sorted(_one_strength(s, vocabulary) for s in product.strengths))


def _one_strength(s: Strength, vocabulary: Vocabulary) -> tuple[str, Decimal, str, Decimal, str]:
    value, unit = _base(s.value, s.unit, vocabulary)
    per_value, per_unit = _base(s.per_value or Decimal(1), s.per_unit, vocabulary) if s.per_unit else (Decimal(0), "")
    return (s.ingredient or "", value, unit, per_value, per_unit)


def _base(value: Decimal, unit: str, vocabulary: Vocabulary) -> tuple[Decimal, str]:
    known = vocabulary.units.get(unit)
    return (value * known.factor, known.dimension) if known and known.dimension else (value, unit)


def kind_of_route(product: Product, route: str | None, vocabulary: Vocabulary) -> str | None:
    """The kind of route that makes a row: from the route said, else the product's, else its form if that leaves one."""
    for name in (route, product.route):
        if name and name in vocabulary.routes:
            return vocabulary.routes[name].kind
    form = vocabulary.forms.get(product.form or "")
    kinds = {vocabulary.routes[r].kind for r in form.routes if r in vocabulary.routes} if form else set()
    return next(iter(kinds)) if len(kinds) == 1 else None


def shared_code(a: Product, b: Product, thresholds: Thresholds) -> str | None:
    """A code that both carry, in words, or None; codes that name nothing do not count."""
    ignored = thresholds.ignored_codes()
    theirs = {(c.system, c.code) for c in b.codes_now if c.system and c.code}
    both = sorted(
        (c.system or "", c.code)
        for c in a.codes_now
        if c.code and (c.system, c.code) in theirs and c.code not in ignored
    )
    return f"{both[0][1]} in {both[0][0]}" if both else None


def _names(product: Product) -> str:
    return " + ".join(product.ingredients)


def _brand(product: Product) -> str | None:
    return normalise_words(product.brand) if product.brand else None


def _brand_reason(a: Product, b: Product) -> str:
    brands = sorted(p.brand for p in (a, b) if p.brand)
    return f"brands {brands[0]} and {brands[1]}" if len(brands) == 2 else f"{brands[0]} is a brand of {_names(a)}"
