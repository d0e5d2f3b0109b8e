"""Which ingredients the names in a text make, and whether every word beside them is accounted for."""

from __future__ import annotations

import itertools

from gateway.normalise.lexicon import Lexicon
from gateway.normalise.names import Hit, Words
from gateway.normalise.strengths import Found
from gateway.terminology.vocabulary import Vocabulary

#: The parts of a mixed insulin, 30/70, are of a hundred.
_PARTS = 100


def without_diluent(hits: list[Hit], words: Words, found: Found, lexicon: Lexicon) -> list[Hit]:
    """Gemcitabine 1g/250ml in Sodium chloride 0.9% infusion is gemcitabine: what follows "in" only carries it."""
    for n, hit in enumerate(hits):
        carrier = hit.name.ingredients[0] in lexicon.harmless.diluents and len(hit.name.ingredients) == 1
        if n and carrier and hit.name.kind != "brand" and words.words[hit.start - 1] == "in":
            found.strengths = [(at, s) for at, s in found.strengths if at < hit.start]
            return hits[:n]
    return hits


def ingredients_of(
    hits: list[Hit], words: Words, lexicon: Lexicon, vocabulary: Vocabulary
) -> tuple[tuple[str, ...], str | None]:
    """Ingredients in the order written, or a contradiction. A brand must agree with the generic names beside it."""
    generics = [h for h in hits if h.name.kind != "brand"]
    brands = [h for h in hits if h.name.kind == "brand"]
    if generics and brands:
        # [Exforge HCT] beside its three ingredients: the family's name says less than they do.
        brands = [h for h in brands if not _suffixed(h, words, lexicon)]
    written = tuple(dict.fromkeys(i for h in generics for i in h.name.ingredients))
    if len(generics) > 1 and not _one_product(generics, words, lexicon):
        return (), None
    if not brands:
        return written, None
    said = brands[0].name.ingredients
    for brand in brands[1:]:
        if set(brand.name.ingredients) != set(said):
            return (), _contradiction(
                [brands[0], brand],
                f"{brands[0].name.written} and {brand.name.written} are brands of different medicines",
            )
    if not written or set(written) == set(said):
        return written or said, None
    bases = {known.base for i in said if (known := vocabulary.ingredients.get(i)) and known.base}
    if len(written) == len(said) and all(i in said or i in bases for i in written):
        return said, None
    together = (*said, *written) if brands[0].start < generics[0].start else (*written, *said)
    # Where salts are parted, the brand's salt and the generic beside it may be another pair than the product's own.
    if (
        not bases
        and set(said).isdisjoint(written)
        and all(_joined(a, b, words, lexicon) for a, b in itertools.pairwise(hits))
    ):
        return together, None
    return (), _contradiction(hits, f"{brands[0].name.written} is not a brand of {' and '.join(written)}")


def _contradiction(hits: list[Hit], sentence: str) -> str | None:
    """Only square brackets say "this is its brand"; without them the text is merely not understood."""
    return sentence if any(h.bracket for h in hits) else None


def _suffixed(hit: Hit, words: Words, lexicon: Lexicon) -> bool:
    at = hit.end
    return at < len(words.words) and words.words[at] in lexicon.harmless.brand_suffixes and at not in words.told


def _one_product(generics: list[Hit], words: Words, lexicon: Lexicon) -> bool:
    """Two names are one product where each pair in a row is joined, or names the same thing, or the set is known."""
    together = frozenset(i for h in generics for i in h.name.ingredients)
    if len(together) == 1 or together in lexicon.sets:
        return True
    return all(_joined(a, b, words, lexicon, "/+&") for a, b in itertools.pairwise(generics))


def _joined(a: Hit, b: Hit, words: Words, lexicon: Lexicon, signs: str = "+&") -> bool:
    """Whether one of `signs`, "and", "with" or "plus" stands between two names.

    A comma alone does not join: "vasopressin, lysine" is lypressin, by the custom of catalogues.
    """
    return any(w in signs or w in lexicon.harmless.joins for w in words.words[a.end : b.start])


def unknown_word(
    words: Words, hits: list[Hit], ingredients: tuple[str, ...], lexicon: Lexicon, vocabulary: Vocabulary
) -> bool:
    """Whether a word stands there that may name something else.

    A plain salt may stand right behind a name, where salts make no difference; and so may the name of the base.
    """
    if not words.unknown:
        return False
    bases = {known.base for i in ingredients if (known := vocabulary.ingredients.get(i)) and known.base}
    after = {h.end: h for h in hits}
    for n in words.unknown:
        word = words.words[n]
        if word in bases and _says_base(n, words, hits, lexicon):
            continue
        hit = after.get(n)
        if hit is None or word not in lexicon.harmless.salts or not _takes_salts(hit, lexicon, vocabulary):
            return True
        after[n + 1] = hit
    return False


def _says_base(n: int, words: Words, hits: list[Hit], lexicon: Lexicon) -> bool:
    """Whether the base is only told once more: Insulin (Humulin R), potassium chloride 600mg (potassium 8mmol)."""
    before = words.words[n + 1 : hits[0].start] if n < hits[0].start else None
    if before is not None:
        return "/" not in before
    return words.words[n] in lexicon.harmless.minerals and "(" in words.words[max(n - 2, 0) : n]


def _takes_salts(hit: Hit, lexicon: Lexicon, vocabulary: Vocabulary) -> bool:
    """Not where the vocabulary parts the salts, and not a mineral: magnesium citrate is no salt of magnesium."""
    return not any(
        ((known := vocabulary.ingredients.get(i)) and known.base) or i.split()[0] in lexicon.harmless.minerals
        for i in hit.name.ingredients
    )


def numbered_substance(hits: list[Hit], words: Words, numbered: frozenset[str]) -> bool:
    """Whether a generic name is part of a chemical one: 21-hydroxyprogesterone, calcitonin-1; or begins "21 " so."""
    first = hits[0]
    if first.start == 1 and first.name.kind != "brand" and words.words[0].isdigit():
        return True
    return any(
        h.name.kind != "brand" and not numbered.isdisjoint((words.words[h.start], words.words[h.end - 1])) for h in hits
    )


def other_of_the_brand(hits: list[Hit], words: Words, lexicon: Lexicon) -> bool:
    """A brand known only by its name, with a suffix that makes it another product of the family."""
    return all(h.name.kind == "brand" for h in hits) and any(_suffixed(h, words, lexicon) for h in hits)


def mixed_insulin(ingredients: tuple[str, ...], found: Found) -> bool:
    """Insulin aspart 30/70 is the mixed insulin, though only the plain one's name stands before its parts."""
    plain = len(ingredients) == 1 and "insulin" in ingredients[0] and not ingredients[0].startswith("biphasic ")
    return plain and len(found.bare) == 2 and sum(found.bare) == _PARTS
