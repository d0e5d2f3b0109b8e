"""What became of one patient's review, and how long it took in all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

from gateway.labour.weeks import week_of
from gateway.records.labour import ReviewFact
from gateway.records.ledger import LedgerEntry

DAY = dt.timedelta(hours=24)


def review_facts(rows: Sequence[LedgerEntry], ward: str) -> Iterator[tuple[ReviewFact, int | None]]:
    """One fact for the review, with the active seconds of all its acts."""
    made = opened = signed = ""
    admitted = ""
    missing, unresolved, reopened, state = "", "", False, "open"
    seconds, timed = 0.0, False
    for row in rows:
        act = row.act
        if act.kind == "review.made":
            made = row.at
            admitted = str(act.payload.get("admitted_at") or "")
            missing = str(act.payload.get("lists_missing", ""))
        elif act.kind == "review.opened":
            opened = opened or row.at
        elif act.kind == "review.signed":
            signed, state = signed or row.at, "signed"
            left = act.payload.get("open")
            unresolved = "yes" if isinstance(left, list) and left else "no"
        elif act.kind == "review.reopened":
            state, reopened = "open", True
        elif act.kind == "review.replaced":
            state = "replaced"
        if act.role != "gateway" and act.seconds is not None:
            seconds, timed = seconds + act.seconds, True
    at = signed or opened or made or rows[0].at
    fact = ReviewFact(
        week_of(at), ward, state, _within(admitted, signed), unresolved, missing, "yes" if reopened else "no"
    )
    yield fact, round(seconds) if timed else None


def _within(admitted: str, signed: str) -> str:
    """Whether medicines were reconciled within 24 hours of admission (NICE NG5, QS120).

    Of a day without its hour only what holds at each hour of it is said.
    """
    if not signed:
        return "not-signed"
    if not admitted:
        return "not-known"
    done, known = dt.datetime.fromisoformat(signed), dt.datetime.fromisoformat(admitted)
    first, last = (known, known) if known.tzinfo else (known.replace(tzinfo=dt.UTC), known.replace(tzinfo=dt.UTC) + DAY)
    if done - first <= DAY:
        return "yes"
    return "no" if done - last > DAY else "not-known"
