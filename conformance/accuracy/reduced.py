"""A vocabulary that knows less: what a reader makes of medicines that nobody told it about."""

from __future__ import annotations

import random

import msgspec

from gateway.terminology.vocabulary import Vocabulary


def reduced(
    vocabulary: Vocabulary, *, brands: float, generics: float, seed: int, without_pairs: bool = False
) -> Vocabulary:
    """Keep these shares of the brands and of the substances (each with all its names, salts, brands and combinations).

    Confusable pairs are knowledge of their own and stay: they are there to guard names that the vocabulary lacks.
    `without_pairs` takes those of the names that are gone away, too, which is harder than what happens in practice.
    """
    chance = random.Random(seed)
    gone = {i for i in sorted(vocabulary.ingredients) if chance.random() >= generics}
    kept = {}
    for key, name in sorted(vocabulary.names.items()):
        if gone.intersection(name.ingredients) or (name.kind == "brand" and chance.random() >= brands):
            continue
        kept[key] = name
    missing = vocabulary.names.keys() - kept.keys()
    confusable = (
        vocabulary.confusable
        if not without_pairs
        else {
            name: left
            for name, others in vocabulary.confusable.items()
            if name not in missing and (left := tuple(o for o in others if o not in missing))
        }
    )
    return msgspec.structs.replace(
        vocabulary,
        version=f"{vocabulary.version}-{brands}-{generics}-{seed}-{without_pairs}",
        ingredients={i: one for i, one in vocabulary.ingredients.items() if i not in gone},
        names=kept,
        confusable=confusable,
    )
