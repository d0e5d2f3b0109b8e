"""After discharge: plan to fetch a patient's lists again, fetch them, and raise what a person must act on."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
from collections.abc import Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, insert, select

from gateway.actions.fetch_patient import fetch_and_reconcile
from gateway.actions.house import House
from gateway.actions.ids import new_id
from gateway.actions.reviews import ReviewPage, read_review
from gateway.actions.withdraw_work import FOLLOW_UP
from gateway.actions.work_result import Result
from gateway.errors import InputError
from gateway.records.dates import LONDON
from gateway.records.ledger import Act
from gateway.records.lists import ListState
from gateway.records.reconciliation import Reconciliation
from gateway.review.follow_up import Finding, follow_up
from gateway.store import outbox
from gateway.store.outbox import Piece
from gateway.store.tables import FollowUpTask

_TASKS = FollowUpTask.__table__  # type: ignore[attr-defined]

#: So long after its day a check is tried again where a list does not come, then it becomes a task.
GIVE_UP = dt.timedelta(hours=24)


def plan_follow_up(
    connection: Connection, *, review: str, signed: dt.datetime, days: Sequence[int], by: str, role: str
) -> tuple[Act, ...]:
    """In the transaction that signs; its ledger row. Nothing where no day is set."""
    for day in days:
        due = signed + dt.timedelta(days=day)
        outbox.put(
            connection, kind=FOLLOW_UP, subject=review, due=due, give_up=due + GIVE_UP, by=by, role=role, now=signed,
            signed_at=signed.isoformat(), details={"day": day, "last": day == max(days)},
        )  # fmt: skip
    return (Act(kind="follow-up.scheduled", subject=review, payload={"days": list(days)}),) if days else ()


class Checked(Struct, frozen=True, kw_only=True):
    """`lacking` says which lists did not come whole; `heals`: asking again may bring them."""

    findings: tuple[Finding, ...]
    lacking: str | None = None
    heals: bool = False


async def follow_up_now(house: House, piece: Piece, last: bool) -> Result:
    """One check. What is found stands at once; that a list did not come is a task only once it is asked no more."""
    page = await asyncio.to_thread(_page, house, piece.subject)
    try:
        found = await fetch_and_reconcile(
            house.database,
            house.settings,
            house.knowledge,
            house.connections,
            nhs_number=page.patient.nhs_number,
            now=house.now,
        )
    except InputError as error:
        words = f"What was issued could not be checked. {error.words}"
        checked = Checked(findings=(Finding(what="not-checked", words=words),), lacking=error.words, heals=True)
    else:
        checked = await asyncio.to_thread(_checked, page, found.reconciliation, bool(piece.details["last"]))
    again = checked.heals and not last
    raised = [f for f in checked.findings if not (again and f.what == "not-checked")]

    def write(connection: Connection, now: dt.datetime) -> list[Act]:
        return raise_tasks(connection, page, raised, day=int(str(piece.details["day"])), now=now)

    if again:
        return Result(state="waiting", problem=checked.lacking, write=write)
    return Result(state="done", problem=checked.lacking, result={"findings": len(raised)}, write=write)


def _page(house: House, review: str) -> ReviewPage:
    with house.database.read() as connection:
        return read_review(connection, review)


def _checked(page: ReviewPage, since: Reconciliation, last_day: bool) -> Checked:
    decisions = {row: s.decision for row, s in page.decisions.items() if s.decision is not None}
    findings = follow_up(page.reconciliation, decisions, since, after=discharged(page), last=last_day)
    lacking = [f for f in findings if f.what == "not-checked"]
    heals = any(
        one.state is ListState.FAILED or (one.state is ListState.PARTIAL and not one.written.lacks_only_quarantined)
        for one in since.lists
    )
    return Checked(findings=findings, lacking=" ".join(f.words for f in lacking) or None, heals=bool(lacking) and heals)


def discharged(page: ReviewPage) -> dt.date:
    """The later of sign-off and planned discharge, as a day in London: what came before either may be the old list."""
    assert page.signed_at is not None
    said = [page.signed_at, *([page.patient.discharge_at] if page.patient.discharge_at else [])]
    return max(dt.datetime.fromisoformat(one).astimezone(LONDON).date() for one in said)


def raise_tasks(
    connection: Connection, page: ReviewPage, findings: Sequence[Finding], *, day: int, now: dt.datetime
) -> list[Act]:
    """One task for each finding that was not raised for this signature before, on the same evidence.

    That a list could not be checked is said for each day anew: a task closed on day 7 does not speak for day 14.
    """
    query = select(_TASKS.c.key).where(_TASKS.c.review == page.id, _TASKS.c.signed_at == page.signed_at)
    there = set(connection.execute(query).scalars())
    acts = []
    for one in findings:
        key = f"{day}|{one.key}" if one.what == "not-checked" else one.key
        if key in there:
            continue
        task = new_id()
        made = {
            "id": task,
            "review": page.id,
            "patient": page.patient.id,
            "signed_at": page.signed_at,
            "day": day,
            "key": key,
            "what": one.what,
            "medicine": one.medicine,
            "list": one.list,
            "words": one.words,
            "evidence": json.dumps(msgspec.to_builtins(one.evidence)),
            "state": "open",
            "raised_at": now.isoformat(),
        }
        connection.execute(insert(_TASKS), [made])
        payload: dict[str, object] = {"day": day, "list": one.list, "entries": [e.entry for e in one.evidence]}
        acts.append(Act(kind="task.raised", subject=page.id, item=task, reason=one.what, payload=payload))
    return acts
