"""What became of each field of one audit case, and of the case."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.labour.weeks import week_of
from gateway.labour.work_steps import WorkSteps
from gateway.records.labour import AnswerFact, CaseFact
from gateway.records.ledger import LedgerEntry

_PROPOSED = {"answer.proposed": "proposed", "answer.abstained": "abstained", "answer.withheld": "withheld"}
_DECIDED = {
    "answer.confirmed": "confirmed",
    "answer.overridden": "overridden",
    "answer.cleared": "cleared",
    "answer.entered": "entered",
}


class _Field:
    """One field while the rows of its case are read."""

    def __init__(self) -> None:
        self.week = self.source = self.rule_version = self.proposed = self.cause = ""
        self.outcome, self.reason, self.role = "untouched", "", ""
        self.evidence = self.reworked = False
        self.seconds: float | None = None
        self.second_entries: set[str] = set()

    def propose(self, row: LedgerEntry) -> None:
        act = row.act
        self.week, self.proposed = week_of(row.at), _PROPOSED[act.kind]
        self.cause = act.reason or "not-stated" if self.proposed == "abstained" else ""
        self.source, self.rule_version = str(act.payload.get("source", "")), str(act.payload.get("rule_version", ""))

    def decide(self, row: LedgerEntry, *, locked: bool) -> None:
        act = row.act
        self.week, self.outcome, self.role = week_of(row.at), _DECIDED[act.kind], act.role
        self.reason = act.reason or ""
        self.seconds = act.seconds
        self.reworked |= locked

    def verified(self, below: int) -> str:
        """How a confirmation was checked: by the evidence, by looking for some time, or in a moment."""
        if self.outcome != "confirmed":
            return ""
        if self.evidence:
            return "evidence-opened"
        if self.seconds is None:
            return "not-timed"
        return "in-a-moment" if self.seconds < below else "looked-at"


def audit_facts(
    rows: Sequence[LedgerEntry], pack: str, words: WorkSteps
) -> Iterator[tuple[AnswerFact | CaseFact, int | None]]:
    """One fact for each field and one for the case; `rows` are all of the case, in order, corrections applied."""
    fields: dict[str, _Field] = {}
    systems: set[str] = set()
    was_locked = locked = reworked = False
    locked_week = ""
    for row in rows:
        act, item = row.act, row.act.item or ""
        if act.kind in _PROPOSED:
            fields.setdefault(item, _Field()).propose(row)
        elif act.kind in _DECIDED:
            fields.setdefault(item, _Field()).decide(row, locked=was_locked)
            reworked |= was_locked
        elif act.kind == "evidence.opened" and item:
            fields.setdefault(item, _Field()).evidence = True
        elif act.kind == "entry.second":
            fields.setdefault(item, _Field()).second_entries.add(act.reason or "policy")
        elif act.kind == "answer.rejected":
            fields.setdefault(item, _Field()).reworked = reworked = True
        elif act.kind in ("lookup.outside", "work.outside"):
            systems.add(str(act.payload.get("system") or act.reason or ""))
        elif act.kind == "case.locked":
            was_locked = locked = True
            locked_week = locked_week or week_of(row.at)
        elif act.kind == "case.unlocked":
            locked, reworked = False, True
    for name, field in fields.items():
        entries = "both" if len(field.second_entries) > 1 else next(iter(field.second_entries), "one")
        fact = AnswerFact(
            field.week, pack, name, field.source, field.rule_version, field.proposed, field.cause, field.outcome,
            field.reason, field.verified(words.unverified_below), entries, _yes(field.reworked), field.role,
        )  # fmt: skip
        yield fact, None if field.seconds is None else round(field.seconds)
    right = _yes(not reworked) if was_locked else ""
    yield CaseFact(locked_week or week_of(rows[-1].at), pack, str(len(systems)), _yes(locked), right), None


def _yes(what: bool) -> str:
    return "yes" if what else "no"
