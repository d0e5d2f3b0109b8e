"""Take a case out of an audit, with a reason; its answers stay."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AuditCase

_CASES = AuditCase.__table__  # type: ignore[attr-defined]


def exclude_case(database: Database, *, case: str, reason: str, by: Person, now: dt.datetime) -> None:
    """Raises InputError without a reason, NotFound, Conflict where it is excluded already."""
    require(by, "audit.answer")
    if not reason.strip() or len(reason) > 400 or "\0" in reason:
        raise InputError("Say in at most 400 characters why this case does not belong in the audit.")
    with database.write() as connection:
        changed = connection.execute(
            update(_CASES)
            .where(_CASES.c.id == case, _CASES.c.excluded_at.is_(None))
            .values(excluded_at=now.isoformat(), excluded_by=by.account, excluded_reason=reason.strip())
        )
        if changed.rowcount != 1:
            if connection.execute(_CASES.select().where(_CASES.c.id == case)).first() is None:
                raise NotFound("There is no such audit case.")
            raise Conflict("This case is excluded already.")
        act = Act(kind="case.excluded", subject=case, actor=by.account, role=by.role, reason=reason.strip())
        ledger.append(connection, [act], now.isoformat())
