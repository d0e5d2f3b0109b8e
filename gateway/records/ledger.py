"""One row of the ledger: a proposal of the gateway or an act of a person.

Review state, audit answers and hidden labour are three readings of these rows.
"""

from __future__ import annotations

from msgspec import Struct

#: Every kind of row. `proposed.*` are the gateway's, the others are a person's.
KINDS = (
    "match.proposed",
    "case.entered",
    "case.excluded",
    "answer.proposed",
    "answer.abstained",
    "source.fetched",
    "source.registered",
    "source.changed",
    "source.checked",
    "source.retired",
    "secrets.rotated",
    "review.made",
    "fetch.waited",
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
    "review.assigned",
    "review.handed-over",
    "arrivals.looked-for",
    "stay.begun",
    "stay.changed",
    "stay.ended",
    "stay.set-aside",
    "row.carried",
    "row.parted",
    "row.joined",
    "medicine.entered",
    "medicine.corrected",
    "medicine.withdrawn",
    "outcome.printed",
    "outcome.exported",
    "answer.confirmed",
    "answer.overridden",
    "answer.entered",
    "answer.cleared",
    "answer.withheld",
    "answer.rejected",
    "entry.second",
    "case.locked",
    "case.unlocked",
    "lookup.outside",
    "work.outside",
    "step.corrected",
    "realist.written",
    "user.created",
    "post.asked",
    "post.asked-again",
    "post.sent",
    "post.failed",
    "post.withdrawn",
    "follow-up.scheduled",
    "follow-up.done",
    "follow-up.failed",
    "follow-up.withdrawn",
    "task.raised",
    "task.closed",
    "user.changed",
    "user.disabled",
    "user.enabled",
    "user.reset",
    "user.unlocked",
    "user.password",
    "alias.confirmed",
    "alias.reversed",
)

#: Without a sign of life for longer than this, nobody is taken to be working; the rest of such a gap is not counted.
IDLE_AFTER_S = 60

#: Ways of measuring time to which the threshold applies; "told" is what a person said.
MEASURED = ("page", "request-gap")
TIMING_WORDS = {
    "page": "script: seconds the page was in view and in use",
    "request-gap": "request gaps: seconds between one request and the next",
    "told": "as the person said",
    "elapsed": "from asking to the last answer: waiting, not work",
}


class Act(Struct, frozen=True, kw_only=True):
    """What is to be written. `payload` holds codes and references, never free patient data beyond what was decided.

    `subject` is the opaque id of the review, audit case or source; `item` the row or question. `seconds` is the active
    time the step took, None where it is not known; `timing` says how it was measured (TIMING_WORDS).
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
    """A written row. `hash` is SHA-256 over the previous hash and the canonical JSON of all other fields.

    `staff_group` and `band` are the person's when it was written; `idle_after_s` the threshold its time was counted by.
    """

    seq: int
    at: str
    act: Act
    previous: str
    hash: str
    staff_group: str | None = None
    band: str | None = None
    idle_after_s: int | None = None


class Broken(Struct, frozen=True):
    """Where verification failed and how, in words."""

    seq: int
    what: str
