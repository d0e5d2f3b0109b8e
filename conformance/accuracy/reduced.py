"""A vocabulary that knows less: what a reader makes of medicines that nobody told it about."""

from __future__ import annotations

import random

import msgspec

from gateway.terminology.vocabulary import Vocabulary


def reduced(vocabulary: Vocabulary, *, brands: float, generics: float, seed: int) -> Vocabulary:
    """Keep these shares of the brands and of the substances (each with all its names, salts, brands and combinations).

    What is left out is left out everywhere: a name that is gone is in no confusable pair either.
    """
    chance = random.Random(seed)
    gone = {i for i in sorted(vocabulary.ingredients) if chance.random() >= generics}
    kept = {}
    for key, name in sorted(vocabulary.names.items()):
        if gone.intersection(name.ingredients) or (name.kind == "brand" and chance.random() >= brands):
            continue
        kept[key] = name
    missing = vocabulary.names.keys() - kept.keys()
    confusable = {
        name: left
        for name, others in vocabulary.confusable.items()
        if name not in missing and (left := tuple(o for o in others if o not in missing))
    }
    return msgspec.structs.replace(
        vocabulary,
        version=f"{vocabulary.version}-{brands}-{generics}-{seed}",
        ingredients={i: one for i, one in vocabulary.ingredients.items() if i not in gone},
        names=kept,
        confusable=confusable,
    )
