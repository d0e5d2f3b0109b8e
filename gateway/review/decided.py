"""What was decided about a row, in words; and the values that may be continued."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from gateway.records.decision import Decision, Outcome
from gateway.review import words
from gateway.review.entries import EntryView


class Choice(Struct, frozen=True, kw_only=True):
    """One value that may be continued: the entries that hold it and the lists they stand on."""

    value: str
    entries: tuple[EntryView, ...]
    titles: str


class DecisionView(Struct, frozen=True, kw_only=True):
    """What was decided: in one line, with the reason in words."""

    words: str
    reason: str | None
    note: str | None
    at: str | None
    open: bool
    waits_for_check: bool = False
    checked_at: str | None = None
    actor: str = ""
    entries: tuple[EntryView, ...] = ()


_OUTCOME = {
    Outcome.STOP: "Stop",
    Outcome.NOT_TAKING: "Not taking",
    Outcome.ASK: "Waiting for the prescriber",
}


def decision_view(
    decision: Decision,
    views: Mapping[str, EntryView],
    choices: Sequence[Choice],
    reasons: Mapping[str, str],
    *,
    to_check: bool = False,
) -> DecisionView:
    """In words; what continues carries no marks, since nothing differs once it is decided."""
    said = _OUTCOME.get(decision.outcome)
    entries = tuple(msgspec.structs.replace(views[e], marks=frozenset()) for e in decision.as_on if e in views)
    if decision.outcome is Outcome.CONTINUE:
        kept = set(decision.as_on)
        titles = next((c.titles for c in choices if kept == {e.id for e in c.entries}), None)
        said = f"Continue as on {titles or words.joined(sorted({e.list for e in entries}))}"
    elif decision.outcome is Outcome.CHANGE:
        said = f"Change to: {decision.change_to}"
        read = decision.understood
        said += f" (understood as {read.words})" if read else " (not understood, kept as written)"
    elif decision.outcome is Outcome.WITHHOLD:
        said = f"Withhold; restart: {decision.restart}"
    return DecisionView(
        words=said or decision.outcome.value,
        reason=reasons.get(decision.reason or ""),
        note=decision.note,
        at=words.time(decision.at),
        open=decision.open,
        waits_for_check=to_check and not decision.open and decision.checked_by is None,
        checked_at=words.time(decision.checked_at),
        actor=decision.actor,
        entries=entries,
    )
