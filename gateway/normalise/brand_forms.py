"""A brand that means one substance in one form and another in the next: Priadel tablets, Priadel liquid."""

from __future__ import annotations

import msgspec

from gateway.normalise.names import Hit, Words
from gateway.normalise.presentation import form_of
from gateway.terminology.vocabulary import Form, Name, Vocabulary


def in_their_forms(hits: list[Hit], words: Words, vocabulary: Vocabulary) -> list[Hit]:
    """The hits with each brand read as what it means in the form written; none where a brand means nothing there."""
    if not any(h.name.forms for h in hits):
        return hits
    form = form_of(words, None, vocabulary)
    beside = {i for h in hits if h.name.kind != "brand" for i in h.name.ingredients}
    settled = []
    for hit in hits:
        name = _meaning(hit.name, beside, form)
        if name is None:
            return []
        settled.append(hit if name is hit.name else msgspec.structs.replace(hit, name=name))
    return settled


def _meaning(name: Name, beside: set[str], form: Form | None) -> Name | None:
    """By the generic names beside it, else by the form; without either only where every reading is one substance."""
    if not name.forms:
        return name
    readings = (name, *name.others)
    if beside:
        return next((r for r in readings if set(r.ingredients) == beside), name)
    if form is None:
        return name if len({r.ingredients for r in readings}) == 1 else None
    return next((r for r in readings if form.name in r.forms or form.group in r.forms), None)
