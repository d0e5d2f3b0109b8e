"""Facts of one subject (a review, an audit case, a source, a name) from all its ledger rows.

The facts of a ledger are the sum over its subjects. A subject that got new rows is read again as a whole, so that what
became of an answer is one fact, whatever happened to it on the way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gateway.labour.facts_audit import audit_facts
from gateway.labour.facts_defects import CAUSED as _CAUSED
from gateway.labour.facts_defects import defect_facts
from gateway.labour.facts_review import review_facts
from gateway.labour.weeks import week_of
from gateway.labour.work_steps import WorkSteps
from gateway.records.labour import Fact, GapFact, ListFact, StepFact
from gateway.records.ledger import KINDS, LedgerEntry

#: One fact and, where it is known, how many whole seconds it took.
Counted = tuple[Fact, int | None]


_AUDIT = frozenset(k for k in KINDS if k.startswith(("answer.", "case.")))
_REVIEW = frozenset(k for k in KINDS if k.startswith(("review.", "row.")))


def facts_of(rows: Sequence[LedgerEntry], words: WorkSteps) -> Iterator[Counted]:
    """`rows` are all of one subject, in order."""
    kinds = {row.act.kind for row in rows}
    if "step.corrected" in kinds:
        rows = corrected(rows)
    ward, pack = _place(rows, "ward"), _place(rows, "pack")
    yield from _steps(rows, ward, pack, words)
    if kinds & _CAUSED:
        yield from defect_facts(rows)
    if kinds & _AUDIT:
        yield from audit_facts(rows, pack, words)
    if kinds & _REVIEW:
        yield from review_facts(rows, ward)
    if "source.fetched" in kinds:
        yield from _lists(rows)


def _lists(rows: Sequence[LedgerEntry]) -> Iterator[Counted]:
    for row in rows:
        if row.act.kind == "source.fetched":
            payload = row.act.payload
            cause = str(payload.get("cause") or "") if payload.get("state") != "complete" else ""
            yield ListFact(week_of(row.at), str(payload.get("name", "")), str(payload.get("state", "")), cause), None


def corrected(rows: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """A person's own corrections applied: another time, or a step that was not theirs; the correction is no step."""
    last = {row.act.payload.get("seq"): row.act.payload for row in rows if row.act.kind == "step.corrected"}
    found = []
    for row in rows:
        change = last.get(row.seq)
        if row.act.kind == "step.corrected" or (change and change.get("withdrawn")):
            continue
        if change and isinstance(seconds := change.get("to_seconds"), int | float):
            row = replace(row, act=replace(row.act, seconds=float(seconds), timing="told"))
        found.append(row)
    return found


def _place(rows: Sequence[LedgerEntry], what: str) -> str:
    """Ward or audit pack of a subject, as the row that made it says."""
    for row in rows:
        if found := row.act.payload.get(what):
            return str(found)
    return ""


def _steps(rows: Sequence[LedgerEntry], ward: str, pack: str, words: WorkSteps) -> Iterator[Counted]:
    """Each act of a person, and the time since that person's act before; what happened elsewhere is no gap."""
    last: dict[str, dt.datetime] = {}
    for row in rows:
        act = row.act
        kind, role = act.kind, act.role
        if role == "gateway" or kind not in words.steps:
            continue
        week = week_of(row.at)
        reason, system = act.reason or "", ""
        if kind == "lookup.outside":
            reason, system = "", reason
        elif kind == "work.outside":
            system = str(act.payload.get("system") or "")
        fact = StepFact(
            week, ward, pack, role, row.staff_group or "", row.band or "", kind, reason, system, act.timing or ""
        )
        yield fact, None if act.seconds is None else round(act.seconds)
        if act.timing == "told":
            continue
        now = dt.datetime.fromisoformat(row.at)
        before = last.get(act.actor)
        if before is not None:
            yield GapFact(week, ward, pack, role), round((now - before).total_seconds())
        last[act.actor] = now
