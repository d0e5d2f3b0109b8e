"""Take a confirmed alias back: it stands no longer, and stays in the history with who took it back, when and why."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update

from gateway.actions.access import Person, require
from gateway.actions.aliases import as_alias
from gateway.actions.confirm_alias import check_reason
from gateway.errors import Conflict, NotFound
from gateway.records.ledger import Act
from gateway.records.matching import ConfirmedAlias
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import AliasVersion

_TABLE = AliasVersion.__table__  # type: ignore[attr-defined]


def reverse_alias(
    database: Database, *, alias: str, reason: str, by: Person, now: dt.datetime, seconds: float | None = None,
    timing: str | None = None,
) -> ConfirmedAlias:  # fmt: skip
    """The version as it now is. The name is unread again; an older version does not come back by itself.

    Raises NotAllowed, InputError without a reason, NotFound, or Conflict where it stands no longer.
    """
    require(by, "alias.confirm")
    check_reason(reason)
    with database.write() as connection:
        query = select(_TABLE).where(_TABLE.c.id == alias)
        if connection.execute(query).first() is None:
            raise NotFound("There is no such alias.")
        changed = connection.execute(
            update(_TABLE)
            .where(_TABLE.c.id == alias, _TABLE.c.standing.is_(True))
            .values(
                standing=False,
                reversed_by=by.account,
                reversed_role=by.role,
                reversed_at=now.isoformat(),
                reversed_reason=reason.strip(),
            )
        )
        if changed.rowcount != 1:
            raise Conflict("This version stands no longer; it was reversed, or a newer one replaced it.")
        reversed_ = as_alias(connection.execute(query).one())
        act = Act(
            kind="alias.reversed",
            subject=alias,
            item=reversed_.organisation,
            actor=by.account,
            role=by.role,
            reason=reason.strip(),
            seconds=seconds,
            timing=timing,
            payload={"version": reversed_.version},
        )
        ledger.append(connection, [act], now.isoformat())
    return reversed_
