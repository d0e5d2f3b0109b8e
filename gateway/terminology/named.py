"""Which substances and classes of the vocabulary a short text names, such as the display of an allergy."""

from __future__ import annotations

from gateway.terminology.vocabulary import Vocabulary, normalise_words

LONGEST_NAME = 6


def ingredients_named(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Ingredients named by whole words of `text`, longest name first at each word, in order of appearance."""
    words = normalise_words(text).split()
    found: dict[str, None] = {}
    at = 0
    while at < len(words):
        for length in range(min(LONGEST_NAME, len(words) - at), 0, -1):
            name = vocabulary.names.get(" ".join(words[at : at + length]))
            if name:
                found |= dict.fromkeys(name.ingredients)
                at += length
                break
        else:
            at += 1
    return tuple(found)


def classes_named(text: str, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Classes whose name or label (singular or plural) stands in `text` as whole words."""
    padded = f" {normalise_words(text)} "
    found = []
    for key, one in vocabulary.classes.items():
        names = {normalise_words(key), normalise_words(one.label)}
        if any(f" {n} " in padded or f" {n.removesuffix('s')} " in padded or f" {n}s " in padded for n in names if n):
            found.append(key)
    return tuple(found)
