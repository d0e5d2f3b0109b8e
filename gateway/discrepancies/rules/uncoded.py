"""A medicine without a code that any terminology knows: matched by its words alone."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if not view.by_id:
        yield Cannot("no medicines were received")
        return
    for row in view.rows:
        unread = [e for e in view.current[row.id] if not e.product.understood and not e.product.contradictions]
        for entry in unread:
            how = "has a code that is not in the vocabulary" if entry.product.codes else "has no code"
            yield Raised(
                message=f'"{entry.text}" on {entry.list} {how}, and its name is not understood; match it by hand.',
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#product",),
                settle="Read the name, and decide which medicine it is.",
                scope="within",
            )
