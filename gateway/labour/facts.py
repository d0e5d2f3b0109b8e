"""Facts of one subject (a review, an audit case, a source, a name) from all its ledger rows.

The facts of a ledger are the sum over its subjects. A subject that got new rows is read again as a whole, so that what
became of an answer is one fact, whatever happened to it on the way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from msgspec.structs import replace

from gateway.labour.facts_audit import audit_facts
from gateway.labour.facts_defects import defect_facts
from gateway.labour.facts_review import review_facts
from gateway.labour.weeks import week_of
from gateway.labour.work_steps import WorkSteps
from gateway.records.labour import Fact, GapFact, ListFact, StepFact
from gateway.records.ledger import LedgerEntry

#: One fact and, where it is known, how many whole seconds it took.
Counted = tuple[Fact, int | None]


def facts_of(rows: Sequence[LedgerEntry], words: WorkSteps) -> Iterator[Counted]:
    """`rows` are all of one subject, in order."""
    rows = corrected(rows)
    ward, pack = _place(rows, "ward"), _place(rows, "pack")
    yield from _steps(rows, ward, pack, words)
    yield from _gaps(rows, ward, pack)
    yield from defect_facts(rows)
    kinds = {row.act.kind.partition(".")[0] for row in rows}
    if kinds & {"answer", "case"}:
        yield from audit_facts(rows, pack, words)
    if kinds & {"review", "row"}:
        yield from review_facts(rows, ward)
    for row in rows:
        if row.act.kind == "source.fetched":
            payload = row.act.payload
            cause = str(payload.get("cause") or "") if payload.get("state") != "complete" else ""
            yield ListFact(week_of(row.at), str(payload.get("name", "")), str(payload.get("state", "")), cause), None


def corrected(rows: Sequence[LedgerEntry]) -> Sequence[LedgerEntry]:
    """A person's own corrections applied: another time, or a step that was not theirs; the correction is no step."""
    if not any(row.act.kind == "step.corrected" for row in rows):
        return rows
    last = {row.act.payload.get("seq"): row.act.payload for row in rows if row.act.kind == "step.corrected"}
    found = []
    for row in rows:
        change = last.get(row.seq)
        if row.act.kind == "step.corrected" or (change and change.get("withdrawn")):
            continue
        if change and isinstance(seconds := change.get("seconds"), int | float):
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
    for row in rows:
        act = row.act
        if act.role == "gateway" or act.kind not in words.steps:
            continue
        outside = act.kind in ("lookup.outside", "work.outside")
        system = str(act.payload.get("system") or (act.reason if act.kind == "lookup.outside" else "") or "")
        fact = StepFact(
            week_of(row.at), ward, pack, act.role, row.staff_group or "", row.band or "", act.kind,
            "" if act.kind == "lookup.outside" else act.reason or "", system if outside else "", act.timing or "",
        )  # fmt: skip
        yield fact, None if act.seconds is None else round(act.seconds)


def _gaps(rows: Sequence[LedgerEntry], ward: str, pack: str) -> Iterator[Counted]:
    """Time from one act to the next of the same person; what was told and happened elsewhere is no gap."""
    last: dict[str, dt.datetime] = {}
    for row in rows:
        act = row.act
        if act.role == "gateway" or act.timing == "told":
            continue
        now = dt.datetime.fromisoformat(row.at)
        before = last.get(act.actor)
        if before is not None:
            yield GapFact(week_of(row.at), ward, pack, act.role), round((now - before).total_seconds())
        last[act.actor] = now
