"""Sign a review off. It cannot close while something is open, except by an override with its reason."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from sqlalchemy import update

from gateway.actions.access import Person, require
from gateway.actions.decide_row import LONGEST_NOTE
from gateway.actions.follow_up import plan_follow_up
from gateway.actions.hindrances import hindrances
from gateway.actions.reviews import lock_review, read_review
from gateway.actions.withdraw_work import withdraw_work
from gateway.errors import Conflict, InputError, Stale
from gateway.records.ledger import Act
from gateway.settings import FOLLOW_UP_DAYS
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]


def sign_review(
    database: Database,
    *,
    review: str,
    expected_version: int,
    override: str | None,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
    follow_up_days: Sequence[int] = FOLLOW_UP_DAYS,
) -> None:
    """Raises Conflict with what is still open where no `override` reason is given, Stale on another's change.

    On `follow_up_days` after it the lists are fetched again.
    """
    require(by, "review.sign")
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        if page.state != "open":
            raise Conflict(
                "The review is signed already."
                if page.state == "signed"
                else "The lists were fetched again; sign the newer review."
            )
        open_ = hindrances(page)
        if open_ and not (override or "").strip():
            raise Conflict("It cannot be signed yet: " + " ".join(open_))
        changed = connection.execute(
            update(_REVIEWS)
            .where(_REVIEWS.c.id == review, _REVIEWS.c.version == expected_version)
            .values(state="signed", signed_at=now.isoformat(), version=expected_version + 1)
        )
        if changed.rowcount != 1:
            raise Stale("Somebody else changed this review in the meantime; look at it again.")
        act = Act(
            kind="review.signed",
            subject=review,
            actor=by.account,
            role=by.role,
            reason="override" if open_ else None,
            seconds=seconds,
            timing=timing,
            payload={"override": override, "open": list(open_)},
        )
        planned = plan_follow_up(
            connection, review=review, signed=now, days=follow_up_days, by=by.account, role=by.role
        )  # fmt: skip
        ledger.append(connection, [act, *planned], now.isoformat())


def reopen_review(
    database: Database,
    *,
    review: str,
    expected_version: int,
    reason: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> None:
    """Open a signed review again. Raises InputError without a reason, Conflict where it is not signed, Stale."""
    require(by, "review.sign")
    if not reason.strip():
        raise InputError("Say why the review is opened again.")
    if len(reason) > LONGEST_NOTE or "\0" in reason:
        raise InputError(f"A text has at most {LONGEST_NOTE} characters.")
    with database.write() as connection:
        lock_review(connection, review)
        if read_review(connection, review).state != "signed":
            raise Conflict("Only a signed review can be opened again.")
        changed = connection.execute(
            update(_REVIEWS)
            .where(_REVIEWS.c.id == review, _REVIEWS.c.version == expected_version)
            .values(state="open", signed_at=None, version=expected_version + 1)
        )
        if changed.rowcount != 1:
            raise Stale("Somebody else changed this review in the meantime; look at it again.")
        act = Act(
            kind="review.reopened", subject=review, actor=by.account, role=by.role, seconds=seconds, timing=timing,
            payload={"why": reason.strip()},
        )  # fmt: skip
        taken = withdraw_work(connection, review=review, why="the review was opened again", now=now)
        ledger.append(connection, [act, *taken], now.isoformat())
