"""Names that a person taught: an unread name is read as another name. What the gateway reads itself stays as read."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from msgspec import Struct

from gateway.normalise.fold import fold, tokens
from gateway.normalise.lexicon import lexicon_of
from gateway.normalise.names import find
from gateway.normalise.product import read_name
from gateway.normalise.strengths import find_strengths
from gateway.records.matching import ConfirmedAlias
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary, normalise_words


class Aliases(Struct, frozen=True):
    """Standing aliases by normalised name and list; an empty list name stands for every list."""

    known: dict[tuple[str, str], ConfirmedAlias] = {}

    @classmethod
    def of(cls, aliases: Iterable[ConfirmedAlias]) -> Aliases:
        """The newest version that stands, for each name and scope."""
        standing = sorted((a for a in aliases if a.standing), key=lambda a: a.version)
        return cls({(a.written, a.organisation or ""): a for a in standing})

    def of_name(self, name: str, list_name: str) -> ConfirmedAlias | None:
        """What was confirmed for this list, else for all."""
        written = normalise_words(name)
        return self.known.get((written, list_name)) or self.known.get((written, ""))


NO_ALIASES = Aliases()


def other_names_in(text: str, ingredients: tuple[str, ...], vocabulary: Vocabulary) -> tuple[tuple[str, str], ...]:
    """Names that stand in an unread text and mean something else than `ingredients`: (name, its ingredients in words).

    "Foomycin with amlodipine" is not read, and may still not be taught to be amiloride.
    """
    lexicon = lexicon_of(vocabulary)
    found = find_strengths(tokens(fold(text) or ""), lexicon)
    hits = [h.name for h in find(found.words, found.commas, lexicon).hits if h.name.kind != "appliance"]
    return tuple(
        (n.written.lower(), " + ".join(n.ingredients)) for n in hits if not set(n.ingredients) <= set(ingredients)
    )


def with_alias(product: Product, list_name: str, aliases: Aliases, vocabulary: Vocabulary) -> Product:
    """An unread product as a person taught it; unchanged where nobody did, or where its codings contradict each other.

    An alias whose own name no longer reads as what was confirmed (the vocabulary has changed) is not honoured.
    """
    if product.understood or product.contradictions:
        return product
    alias = aliases.of_name(product.name, list_name)
    if alias is None:
        return product
    meant = read_name(alias.read_as, vocabulary)
    if not meant.understood or meant.corrected or meant.ingredients != alias.ingredients:
        return product
    return msgspec.structs.replace(
        meant,
        name=product.name,
        codes=product.codes,
        replaced=product.replaced,
        known_by="confirmed",
        confirmed=alias.words,
    )
