"""Lock a case once every question is answered or cleared, and unlock it with a reason. Only locked cases are sent."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.actions.audit_cases import read_case
from gateway.errors import Conflict, InputError
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditCase

_CASES = AuditCase.__table__  # type: ignore[attr-defined]
LONGEST_REASON = 400


def lock_case(database: Database, *, case: str, reason: str, by: Person, now: dt.datetime) -> None:
    """Raises NotFound; Conflict while a question is open, a reply is waited for, or it is locked; InputError without a
    reason where answers do not go together."""
    require(by, "audit.answer")
    _check(reason)
    with database.write() as connection:
        page = read_case(connection, case)
        if page.excluded is not None:
            raise Conflict("This case was taken out of the audit.")
        still = [line.question.id for line in page.lines if line.state == "untouched"]
        if still:
            raise Conflict(f"Not locked: {len(still)} of {len(page.lines)} still to answer ({', '.join(still)}).")
        if page.waiting:
            raise Conflict("Not locked: the ward has not replied to a question.")
        if page.conflicts and not reason.strip():
            raise InputError("Answers do not go together: change them, or say why the case is locked as it is.")
        changed = connection.execute(
            update(_CASES)
            .where(_CASES.c.id == case, _CASES.c.locked_at.is_(None))
            .values(locked_at=now.isoformat(), locked_by=by.account)
        )
        if changed.rowcount != 1:
            raise Conflict("This case is locked already.")
        payload: dict[str, object] = {"pack": page.pack.id, "conflicts": [c.id for c in page.conflicts]}
        act = Act(kind="case.locked", subject=case, actor=by.account, role=by.role, reason=reason.strip() or None,
                  payload=payload)  # fmt: skip
        ledger.append(connection, [act], now.isoformat())


def unlock_case(database: Database, *, case: str, reason: str, by: Person, now: dt.datetime) -> None:
    """Raises NotFound, InputError without a reason, Conflict where it is not locked."""
    require(by, "audit.answer")
    _check(reason)
    if not reason.strip():
        raise InputError("Say why the case is unlocked.")
    with database.write() as connection:
        page = read_case(connection, case)
        changed = connection.execute(
            update(_CASES)
            .where(_CASES.c.id == case, _CASES.c.locked_at.is_not(None))
            .values(locked_at=None, locked_by=None)
        )
        if changed.rowcount != 1:
            raise Conflict("This case is not locked.")
        act = Act(kind="case.unlocked", subject=case, actor=by.account, role=by.role, reason=reason.strip(),
                  payload={"pack": page.pack.id})  # fmt: skip
        ledger.append(connection, [act], now.isoformat())


def _check(reason: str) -> None:
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InputError(f"A reason has at most {LONGEST_REASON} characters.")
