"""A person's answer to one question: the proposal confirmed, changed with a reason, or entered where none was shown."""

from __future__ import annotations

import datetime as dt

import msgspec
from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import AnswerLine, open_line, override_reasons
from gateway.errors import InputError, Stale
from gateway.records.audit import Origin, PrefilledAnswer
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditAnswer

_ANSWERS = AuditAnswer.__table__  # type: ignore[attr-defined]


def answer(
    database: Database,
    *,
    case: str,
    question: str,
    code: str,
    reason: str | None,
    note: str | None,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """Take a person's answer: the proposal confirmed, changed (with a coded reason), or entered where none was made.

    Raises InputError for a code that is no option or a change without reason, Stale on another's change.
    """
    require(by, "audit.answer")
    with database.write() as connection:
        line = open_line(connection, case, question)
        if not line.question.accepts(code):
            raise InputError("Choose one of the answers of this question.")
        shown = line.newer or line.proposal
        state, origin = _what(shown, code, withheld=line.withheld)
        anew = line.withheld and line.state != "untouched"
        if (state == "overridden" or anew) and reason not in {r.code for r in override_reasons()}:
            raise InputError("Give a reason from the list for changing the answer.")
        if note and (len(note) > 4_000 or "\0" in note):
            raise InputError("A note has at most 4,000 characters.")
        changed = connection.execute(
            update(_ANSWERS)
            .where(
                _ANSWERS.c.audit_case == case, _ANSWERS.c.question == question, _ANSWERS.c.version == expected_version
            )
            .values(
                state=state, code=code, origin=origin, reason=reason, note=note, actor=by.account,
                decided_at=now.isoformat(), version=expected_version + 1, **_on(line),
            )
        )  # fmt: skip
        if changed.rowcount != 1:
            raise Stale("Somebody else answered this question in the meantime; look at their answer first.")
        act = Act(
            kind=f"answer.{state}",
            subject=case,
            item=question,
            actor=by.account,
            role=by.role,
            reason=reason,
            seconds=seconds,
            timing=timing,
            payload={
                "proposed": shown.code,
                "withheld": line.withheld,
                "before": line.code,
                "after": code,
                "note": note,
            },
        )
        ledger.append(connection, [act], now.isoformat())


def _what(shown: PrefilledAnswer, code: str, *, withheld: bool) -> tuple[str, str]:
    if shown.code is None or withheld:
        return "entered", Origin.MANUAL.value
    if code == shown.code:
        return "confirmed", Origin.AUTO.value
    return "overridden", Origin.OVERRIDE.value


def _on(line: AnswerLine) -> dict[str, str | None]:
    """Whoever answers after the record changed has seen what it says now: that is what their answer is about."""
    if line.newer is None:
        return {}
    return {"proposal": msgspec.json.encode(line.newer).decode(), "newer": None}
