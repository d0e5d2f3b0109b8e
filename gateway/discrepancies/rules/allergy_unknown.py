"""No list records an allergy, and none says that no allergy is known: unknown is not none."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import names


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    if any(allergy.active or allergy.none_known for allergy in view.allergies()):
        return
    answered = [one.name for one in view.lists if one.written.allergies_received]
    asked = f" ({names(answered)} answered)" if answered else ""
    yield Raised(
        message=f"No active allergy is recorded, and no list says that none is known{asked}.",
        evidence=tuple(f"{name}#allergies" for name in answered),
        settle="Ask the patient about allergies and record the answer.",
    )
