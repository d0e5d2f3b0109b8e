"""One row of the ledger: a proposal of the gateway or an act of a person.

Review state, audit answers and hidden labour are three readings of these rows.
"""

from __future__ import annotations

from msgspec import Struct

#: Every kind of row. `proposed.*` are the gateway's, the others are a person's.
KINDS = (
    "match.proposed",
    "answer.proposed",
    "answer.abstained",
    "source.fetched",
    "source.registered",
    "source.changed",
    "source.checked",
    "source.retired",
    "secrets.rotated",
    "review.opened",
    "evidence.opened",
    "row.decided",
    "row.undone",
    "row.checked",
    "query.raised",
    "query.answered",
    "quarantine.understood",
    "quarantine.undone",
    "review.signed",
    "review.reopened",
    "review.replaced",
    "review.unchanged",
    "row.carried",
    "row.parted",
    "row.joined",
    "medicine.entered",
    "medicine.corrected",
    "medicine.withdrawn",
    "answer.confirmed",
    "answer.overridden",
    "answer.entered",
    "answer.cleared",
    "lookup.outside",
    "user.created",
    "alias.confirmed",
    "alias.reversed",
)


class Act(Struct, frozen=True, kw_only=True):
    """What is to be written. `payload` holds codes and references, never free patient data beyond what was decided.

    `subject` is the opaque id of the review, audit case or source; `item` the row or question. `seconds` is the active
    time the step took, None where it is not known; `timing` says how it was measured (`page` or `request-gap`).
    """

    kind: str
    subject: str
    item: str | None = None
    actor: str = "gateway"
    role: str = "gateway"
    reason: str | None = None
    seconds: float | None = None
    timing: str | None = None
    payload: dict[str, object] = {}


class LedgerEntry(Struct, frozen=True, kw_only=True):
    """A written row. `hash` is SHA-256 over the previous hash and the canonical JSON of all other fields."""

    seq: int
    at: str
    act: Act
    previous: str
    hash: str


class Broken(Struct, frozen=True):
    """Where verification failed and how, in words."""

    seq: int
    what: str
