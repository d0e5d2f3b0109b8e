"""Tasks after discharge: those that are open, and closing one with a reason."""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct
from sqlalchemy import select, update

from gateway.actions.access import Person, require
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.ledger import Act
from gateway.review.follow_up import Seen
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import FollowUpTask, Patient

_TASKS = FollowUpTask.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
_EVIDENCE = msgspec.json.Decoder(tuple[Seen, ...])

LONGEST_REASON = 2_000


class Task(Struct, frozen=True, kw_only=True):
    """One open task, with whose it is and what it rests on; `day` counts from sign-off."""

    id: str
    review: str
    patient: str
    nhs_number: str
    what: str
    words: str
    day: int
    raised_at: str
    evidence: tuple[Seen, ...]


#: What tasks are, in the words of the page; the most urgent first.
WHAT = {
    "stopped-issued": "Stopped medicine issued",
    "dose-not-followed": "Changed dose not followed",
    "new-not-issued": "New medicine never issued",
    "not-told": "A person must look",
    "not-checked": "Could not be checked",
}


def open_tasks(database: Database, *, by: Person) -> tuple[Task, ...]:
    """Most urgent kind first, then as they were raised."""
    require(by, "follow-up.see")
    query = (
        select(_TASKS, _PATIENTS.c.name, _PATIENTS.c.nhs_number)
        .join(_PATIENTS, _PATIENTS.c.id == _TASKS.c.patient)
        .where(_TASKS.c.state == "open")
    )
    with database.read() as connection:
        found = [
            Task(
                id=row.id,
                review=row.review,
                patient=row.name,
                nhs_number=row.nhs_number,
                what=row.what,
                words=row.words,
                day=row.day,
                raised_at=row.raised_at,
                evidence=_EVIDENCE.decode(row.evidence),
            )
            for row in connection.execute(query)
        ]
    order = list(WHAT)
    return tuple(sorted(found, key=lambda t: (order.index(t.what), t.raised_at, t.patient, t.words)))


def close_task(
    database: Database,
    *,
    task: str,
    reason: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """Raises InputError without a reason, NotFound, or Conflict where somebody closed it already."""
    require(by, "follow-up.close")
    if not reason.strip():
        raise InputError("Say what was done about it, or why nothing is to be done.")
    if len(reason) > LONGEST_REASON or "\0" in reason:
        raise InputError(f"A reason has at most {LONGEST_REASON} characters.")
    with database.write() as connection:
        row = connection.execute(select(_TASKS.c.review, _TASKS.c.what).where(_TASKS.c.id == task)).first()
        if row is None:
            raise NotFound("There is no such task.")
        closed = {"state": "closed", "closed_at": now.isoformat(), "closed_by": by.account, "closed_role": by.role}
        changed = connection.execute(
            update(_TASKS).where(_TASKS.c.id == task, _TASKS.c.state == "open").values(**closed, reason=reason.strip())
        )
        if changed.rowcount != 1:
            raise Conflict("Somebody else closed this task in the meantime.")
        act = Act(
            kind="task.closed", subject=row.review, item=task, actor=by.account, role=by.role, seconds=seconds,
            timing=timing, payload={"what": row.what, "why": reason.strip()},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
