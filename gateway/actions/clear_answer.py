"""Clear an answer: the form is empty again there, and what was proposed, answered and why stays on record."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import open_line, override_reasons
from gateway.errors import InputError, Stale
from gateway.records.audit import Origin
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditAnswer

_ANSWERS = AuditAnswer.__table__  # type: ignore[attr-defined]


def clear_answer(
    database: Database,
    *,
    case: str,
    question: str,
    reason: str,
    expected_version: int,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """Raises NotFound, InputError without a coded reason, Conflict on a locked case, Stale on another's change."""
    require(by, "audit.answer")
    if reason not in {r.code for r in override_reasons()}:
        raise InputError("Give a reason from the list for clearing the answer.")
    with database.write() as connection:
        line = open_line(connection, case, question)
        origin = Origin.MANUAL if line.proposal.code is None else Origin.OVERRIDE
        changed = connection.execute(
            update(_ANSWERS)
            .where(
                _ANSWERS.c.audit_case == case, _ANSWERS.c.question == question, _ANSWERS.c.version == expected_version
            )
            .values(
                state="cleared", code=None, origin=origin.value, reason=reason, actor=by.account,
                decided_at=now.isoformat(), version=expected_version + 1,
            )
        )  # fmt: skip
        if changed.rowcount != 1:
            raise Stale("Somebody else answered this question in the meantime; look at their answer first.")
        payload: dict[str, object] = {"proposed": line.proposal.code, "before": line.code, "after": None}
        act = Act(kind="answer.cleared", subject=case, item=question, actor=by.account, role=by.role, reason=reason,
                  seconds=seconds, timing=timing, payload=payload)  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
