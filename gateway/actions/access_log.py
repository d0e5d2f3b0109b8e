"""Each look at a patient's data in the access log, allowed or denied, before anything is shown."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from gateway.actions.access import Person, may, require
from gateway.records.nhs_number import compact
from gateway.store import access_log
from gateway.store.database import Database
from gateway.store.tables import AccessEvent, Patient, Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
_EVENTS = AccessEvent.__table__  # type: ignore[attr-defined]

#: A page of patients that redraws itself within this time is still the same look.
ONE_LOOK = dt.timedelta(minutes=30)


def look(database: Database, *, what: str, review: str | None, by: Person, now: dt.datetime) -> None:
    """Note the look at the patient of a review (None or unknown: at nobody). Raises NotAllowed once it is noted."""
    with database.write() as connection:
        row = connection.execute(select(_REVIEWS.c.patient).where(_REVIEWS.c.id == review)).first() if review else None
        access_log.note(
            connection, at=now.isoformat(), account=by.account, role=by.role, action=what,
            patient=row.patient if row else None, allowed=may(by.role, what) and row is not None,
        )  # fmt: skip
    require(by, what)


def look_around(
    database: Database,
    *,
    what: str,
    noted_as: str,
    by: Person,
    now: dt.datetime,
    nhs_number: str | None = None,
    by_itself: bool = False,
) -> None:
    """Note a look at a list of patients, or a search for one. Raises NotAllowed once it is noted.

    A page that refreshes itself (`by_itself`) is the same look for half an hour after the last one that is noted.
    A number that no review is about yet is noted without a patient; the look at the review that follows names them.
    """
    if by_itself and _noted_lately(database, noted_as, by, now):
        require(by, what)
        return
    with database.write() as connection:
        query = select(_PATIENTS.c.id).where(_PATIENTS.c.nhs_number == compact(nhs_number or ""))
        patient = connection.execute(query).scalar() if nhs_number else None
        access_log.note(
            connection, at=now.isoformat(), account=by.account, role=by.role, action=noted_as, patient=patient,
            allowed=may(by.role, what),
        )  # fmt: skip
    require(by, what)


def _noted_lately(database: Database, noted_as: str, by: Person, now: dt.datetime) -> bool:
    query = select(_EVENTS.c.at).where(_EVENTS.c.account == by.account, _EVENTS.c.action == noted_as)
    with database.read() as connection:
        last = connection.execute(query.order_by(_EVENTS.c.seq.desc()).limit(1)).scalar()
    return last is not None and dt.datetime.fromisoformat(last) > now - ONE_LOOK
