"""Each look at a patient's data in the access log, allowed or denied, before anything is shown."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import insert, select

from gateway.actions.access import Person, may, require
from gateway.actions.ids import new_id
from gateway.store.database import Database
from gateway.store.tables import AccessEvent, Review

_ACCESS = AccessEvent.__table__  # type: ignore[attr-defined]
_REVIEWS = Review.__table__  # type: ignore[attr-defined]


def look(database: Database, *, what: str, review: str | None, by: Person, now: dt.datetime) -> None:
    """Note the look at the patient of a review (None or unknown: at nobody). Raises NotAllowed once it is noted."""
    with database.write() as connection:
        row = connection.execute(select(_REVIEWS.c.patient).where(_REVIEWS.c.id == review)).first() if review else None
        event = {
            "id": new_id(),
            "at": now.isoformat(),
            "account": by.account,
            "role": by.role,
            "action": what,
            "patient": row.patient if row else None,
            "allowed": may(by.role, what) and row is not None,
        }
        connection.execute(insert(_ACCESS), [event])
    require(by, what)
