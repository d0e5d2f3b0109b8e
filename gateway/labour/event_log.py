"""The ledger as a log of events and the things they are about, for process mining; pseudonymised.

Things (OCEL object types): case, review, field, source, role, system. Of a person only the role, staff group and band
are told; `subject` and, where asked for, `resource` are keyed hashes. What people wrote is left out.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Iterator

from msgspec import Struct

from gateway.labour.facts import corrected
from gateway.labour.work_steps import WorkSteps
from gateway.records.ledger import LedgerEntry

#: What an export leaves out, in words, for its data dictionary.
LEFT_OUT = (
    "names and accounts of people (a keyed hash of the account only where it is asked for)",
    "the patient, and every identifier, name or date of birth",
    "names of medicines, doses, questions, replies, notes and reasons in free text",
    "hashes of the ledger, by which a row could be found again",
)

#: Reasons that are codes; what else stands as a reason was typed by a person.
_CODED = ("answer.", "row.decided", "match.proposed", "work.outside", "entry.second")


class Event(Struct, frozen=True, kw_only=True):
    """`things` are pairs of object type and id; `seconds` is active time; empty words where something is not known."""

    id: str
    activity: str
    at: str
    role: str
    staff_group: str
    band: str
    category: str
    reason: str
    timing: str
    seconds: float | None
    resource: str
    things: tuple[tuple[str, str], ...]


def pseudonym(key: bytes, kind: str, value: str) -> str:
    """Sixteen hex digits of HMAC-SHA-256; the same thing under the same key has the same name in every export."""
    return hmac.new(key, f"{kind}\0{value}".encode(), hashlib.sha256).hexdigest()[:16]


def events(rows: Iterable[LedgerEntry], words: WorkSteps, *, key: bytes, people: bool = False) -> Iterator[Event]:
    """`rows` in order of their number. With `people`, `resource` is the pseudonym of who acted."""
    kept = corrected(list(rows))
    for row in kept:
        act = row.act
        outside = act.kind in ("lookup.outside", "work.outside")
        reason = act.reason or "" if act.kind.startswith(_CODED) else ""
        system = str(act.payload.get("system") or (act.reason if act.kind == "lookup.outside" else "") or "")
        yield Event(
            id=f"e{row.seq}", activity=act.kind, at=row.at, role=act.role, staff_group=row.staff_group or "",
            band=row.band or "", reason=reason, timing=act.timing or "", seconds=act.seconds,
            category=words.category(act.kind, act.reason or "") if act.kind in words.steps else "",
            resource=pseudonym(key, "account", act.actor) if people and act.role != "gateway" else "",
            things=tuple(_things(row, key, system if outside else "")),
        )  # fmt: skip


def _things(row: LedgerEntry, key: bytes, system: str) -> Iterator[tuple[str, str]]:
    act = row.act
    room = act.kind.partition(".")[0]
    subject = pseudonym(key, "subject", act.subject)
    if room in ("answer", "case", "entry", "lookup"):
        yield "case", subject
        if act.item:
            yield "field", act.item
    elif room in ("review", "row", "query", "quarantine", "match", "evidence"):
        yield "review", subject
    elif room == "source":
        yield "source", str(act.payload.get("name") or subject)
    yield "role", act.role
    if system:
        yield "system", system
