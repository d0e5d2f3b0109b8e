"""A list as written becomes a list as understood. Nothing is added, nothing is lost: one entry in, one entry out."""

from __future__ import annotations

import datetime as dt

from gateway.normalise.aliases import NO_ALIASES, Aliases, with_alias
from gateway.normalise.currency import is_current
from gateway.normalise.dosage import read_dosages
from gateway.normalise.product import read_product
from gateway.normalise.roles import role_of
from gateway.records.as_written import Concept, EntryAsWritten
from gateway.records.lists import GivenRole, ListAsWritten, MedicineEntry, MedicineList
from gateway.records.product import Product
from gateway.terminology.vocabulary import Vocabulary, normalise_words


def normalise_list(
    written: ListAsWritten,
    vocabulary: Vocabulary,
    at: dt.date,
    given: GivenRole | None = None,
    aliases: Aliases = NO_ALIASES,
) -> MedicineList:
    """Entries sorted by id. A role that was `given` overrides what the list says; `aliases` read what is unread."""
    role, reason = (given.role, given.why) if given else role_of(written, at)
    entries = tuple(sorted((_entry(e, vocabulary, at, aliases) for e in written.entries), key=lambda e: e.id))
    return MedicineList(
        written=written,
        role=role,
        role_reason=reason,
        entries=entries,
    )


def _entry(written: EntryAsWritten, vocabulary: Vocabulary, at: dt.date, aliases: Aliases) -> MedicineEntry:
    product = read_product(written.medicine, vocabulary)
    if aliases.known and not product.understood:
        product = with_alias(product, written.list, aliases, vocabulary)
    dose = read_dosages(written.dosages, product, vocabulary)
    current, why_not = is_current(written, at)
    return MedicineEntry(
        id=written.id,
        list=written.list,
        product=product,
        dose=dose,
        route=_route(written, dose.route, product, vocabulary),
        current=current,
        written=written,
        why_not_current=why_not,
    )


def _route(written: EntryAsWritten, in_words: str | None, product: Product, vocabulary: Vocabulary) -> str | None:
    """The route as coded or written on the dosage, else in its words, else the one its form leaves."""
    for dosage in written.dosages:
        if dosage.route and (found := route_named(dosage.route, vocabulary)):
            return found
    if in_words or product.route:
        return in_words or product.route
    form = vocabulary.forms.get(product.form or "")
    return form.routes[0] if form and len(form.routes) == 1 else None


def route_named(concept: Concept, vocabulary: Vocabulary) -> str | None:
    """Code first, then display or text; None where neither is a route we know."""
    for coding in concept.codings:
        if coding.code and coding.code in vocabulary.route_codes:
            return vocabulary.route_codes[coding.code]
    words = [concept.text, *(c.display for c in concept.codings)]
    for text in filter(None, words):
        key = normalise_words(text)
        for candidate in (key, key.removesuffix(" route"), key.removesuffix(" use")):
            if candidate in vocabulary.route_words:
                return vocabulary.route_words[candidate]
    return None
