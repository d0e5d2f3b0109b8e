"""Codings or text of one medicine name different substances or strengths: it is not matched by code."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        for entry in view.current_entries(row):
            if not entry.product.contradictions:
                continue
            yield Raised(
                message=f'"{entry.text}" on the {entry.list} list: {"; ".join(entry.product.contradictions)}.',
                rows=(row.id,),
                entries=(entry.id,),
                evidence=(f"{entry.id}#product",),
                settle="Ask the organisation which medicine it is.",
                # What was understood in spite of the contradiction is one substance, so only its strength is in doubt.
                grade="strength" if entry.product.understood else None,
            )
