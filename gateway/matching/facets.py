"""What matching asks of a product, worked out once for a product and remembered, with what was found for each pair.

Names repeat: a million entries hold a tenth as many texts, and a GP record repeats one product dozens of times. A
facet stands for every product that is equal to its first, so that two facets are compared once.
"""

from __future__ import annotations

from decimal import Decimal

from gateway.matching.knowledge import Thresholds, load_thresholds
from gateway.records.matching import Match, MatchLevel
from gateway.records.product import Product, Strength
from gateway.terminology.vocabulary import Vocabulary, normalise_words

#: Products, pairs and rows remembered before all is forgotten and learnt anew; about 100 MB at most.
_KEPT = 100_000

#: Between the kinds of route of a form that has several.
OR = " or "

StrengthKey = tuple[tuple[str, Decimal, str, Decimal, str], ...]


class Facet:
    """`kind` is the kind of route that the product alone settles; `words` its name as normalised words.

    `number` stands for the ingredient set, 0 for none; `label` names the medicine of its row. `strengths` are in base
    units; `codes` are those that name something.
    """

    __slots__ = (
        "brand",
        "codes",
        "contradicted",
        "ingredients",
        "kind",
        "label",
        "number",
        "product",
        "strengths",
        "words",
    )

    def __init__(self, product: Product, vocabulary: Vocabulary, ignored: frozenset[str], number: int) -> None:
        self.product = product
        self.number = number
        self.ingredients = product.ingredients
        self.kind = kind_of_route(product, None, vocabulary)
        self.words = normalise_words(product.name)
        self.label = " + ".join(product.ingredients) or self.words or product.name
        self.strengths = strength_key(product, vocabulary)
        self.brand = normalise_words(product.brand) if product.brand else None
        self.contradicted = bool(product.contradictions)
        self.codes = frozenset(
            (c.system, c.code) for c in product.codes_now if c.system and c.code and c.code not in ignored
        )


class Facets:
    """Facets, and what was found for pairs and rows of them, under one vocabulary and one set of thresholds."""

    def __init__(self, vocabulary: Vocabulary, thresholds: Thresholds) -> None:
        self.vocabulary, self.thresholds = vocabulary, thresholds
        self.ignored = thresholds.ignored_codes()
        self.kinds = {name: route.kind for name, route in vocabulary.routes.items()}
        self.pairs: dict[tuple[Facet, Facet], Match] = {}
        self.rows: dict[tuple[Facet, ...], tuple[MatchLevel, tuple[str, ...]]] = {}
        self.alike: dict[tuple[Facet, Facet], tuple[int, str]] = {}
        # The product is kept beside its id, so that the id stays its own.
        self.by_id: dict[int, tuple[Product, Facet]] = {}
        self._numbers: dict[tuple[str, ...], int] = {}
        self._by_value: dict[Product, Facet] = {}

    def of(self, product: Product) -> Facet:
        found = self.by_id.get(id(product))
        if found is not None and found[0] is product:
            return found[1]
        return self.learn(product)

    def learn(self, product: Product) -> Facet:
        """The facet of a product object that `by_id` does not hold yet."""
        if max(len(self.by_id), len(self.pairs), len(self.rows), len(self.alike)) > _KEPT:
            self.pairs, self.rows, self.alike, self.by_id, self._by_value = {}, {}, {}, {}, {}
        facet = self._by_value.get(product)
        if facet is None:
            facet = self._by_value[product] = Facet(
                product, self.vocabulary, self.ignored, self._number(product.ingredients)
            )
        self.by_id[id(product)] = (product, facet)
        return facet

    def _number(self, ingredients: tuple[str, ...]) -> int:
        return self._numbers.setdefault(ingredients, len(self._numbers) + 1) if ingredients else 0


def facets_of(vocabulary: Vocabulary, thresholds: Thresholds | None = None) -> Facets:
    """The ones of this vocabulary; another vocabulary or other thresholds start anew."""
    known = thresholds or load_thresholds()
    last = _LAST[0] if _LAST else None
    if last is None or last.vocabulary is not vocabulary or last.thresholds is not known:
        last = Facets(vocabulary, known)
        _LAST[:] = [last]
    return last


_LAST: list[Facets] = []


def strength_key(product: Product, vocabulary: Vocabulary) -> StrengthKey:
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
    """The kind of route that makes a row: from the route said, else the product's, else its form.

    A form of several local kinds, as drops for ear, eye and nose, says them all ("ear or eye or nasal"): it is never a
    tablet. None where nothing says any, or one of several is systemic.
    """
    for name in (route, product.route):
        if name and name in vocabulary.routes:
            return vocabulary.routes[name].kind
    form = vocabulary.forms.get(product.form or "")
    kinds = {vocabulary.routes[r].kind for r in form.routes if r in vocabulary.routes} if form else set()
    return None if len(kinds) > 1 and "systemic" in kinds else OR.join(sorted(kinds)) or None


def may_be_one(a: str, b: str) -> bool:
    """Whether two kinds of route share one."""
    return a == b or not set(a.split(OR)).isdisjoint(b.split(OR))
