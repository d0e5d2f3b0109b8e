"""A list that did not arrive, arrived in part, or was withheld: absence from it says nothing."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView, absence_words
from gateway.records.lists import ListState


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for one in view.lists:
        if one.state is ListState.COMPLETE:
            continue
        identity = any(cause.startswith("wrong-patient") for cause in one.written.causes)
        causes = "; ".join(one.written.causes) or "no cause was given"
        words = absence_words(one.state)
        yield Raised(
            message=f'The list {one.name} is {one.state.value} ({causes}); what is missing from it reads "{words}".',
            evidence=(f"{one.name}#state",),
            settle="Fetch it again, or ask the organisation; the review cannot be called complete without it.",
            scope="between",
            grade="identity" if identity else None,
        )
