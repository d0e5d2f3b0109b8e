"""What a recorded allergy is to: a substance, or a group that reacts alike. None where the words are not understood."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from msgspec import Struct

from gateway.discrepancies.knowledge import AllergyGroup, AllergyGroups
from gateway.records.as_written import Concept
from gateway.terminology.vocabulary import Vocabulary, normalise_words


class Allergen(Struct, frozen=True):
    """`members` are the ingredients that conflict. `group` is the group's name where it spreads beyond the substance.

    `look_alike` warns that another substance may have been meant.
    """

    words: str
    members: frozenset[str]
    group: str | None = None
    look_alike: str | None = None


def read_allergen(concept: Concept, vocabulary: Vocabulary, groups: AllergyGroups) -> Allergen | None:
    """By code where it names a group, else by the words of text and displays."""
    codes = {c.code for c in concept.codings if c.code}
    for group in groups.groups:
        if codes & set(group.codes):
            return Allergen(group.words, _members(group, vocabulary), group.words)
    for text in filter(None, (concept.text, *(c.display for c in concept.codings))):
        for words in _readings(text, groups.strip):
            found = _by_words(words, vocabulary, groups)
            if found:
                return found
    return None


def _by_words(words: str, vocabulary: Vocabulary, groups: AllergyGroups) -> Allergen | None:
    for group in groups.groups:
        if words in group.names:
            return Allergen(group.words, _members(group, vocabulary), group.words)
    name = vocabulary.names.get(words)
    if name is None:
        return None
    own = frozenset(name.ingredients)
    members, spread = own, []
    for group in groups.groups:
        of_group = _members(group, vocabulary)
        if group.spread and own & of_group:
            members |= of_group
            spread.append(group.words)
    look_alike = next((one.words for one in groups.look_alikes if one.recorded in own), None)
    return Allergen(" + ".join(name.ingredients), members, spread[0] if spread else None, look_alike)


def _members(group: AllergyGroup, vocabulary: Vocabulary) -> frozenset[str]:
    of_classes = (m for c in group.classes if c in vocabulary.classes for m in vocabulary.classes[c].members)
    return frozenset((*group.members, *of_classes))


def _readings(text: str, strip: Iterable[str]) -> list[str]:
    """The words as they are, then without "allergy to" and the like."""
    plain = normalise_words(text)
    bare = plain
    for pattern in strip:
        bare = " ".join(_compiled(pattern).sub(" ", bare).split())
    return [plain, bare] if bare != plain else [plain]


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)
