"""The worklist: open reviews, soonest discharge first, with what is missing and what is left to decide."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import select

from gateway.actions.access import Person, require
from gateway.actions.reviews import PatientBanner, read_review
from gateway.records.lists import ListState
from gateway.review.words import incomplete_words
from gateway.store.database import Database
from gateway.store.tables import Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]


class WorklistLine(Struct, frozen=True, kw_only=True):
    """`missing` says in words which lists are not complete; `high_risk` counts rows with a severity 3 finding.

    `changed` counts what the lists said otherwise when they were fetched again.
    """

    review: str
    state: str
    patient: PatientBanner
    lists: int
    missing: tuple[str, ...]
    medicines: int
    to_decide: int
    high_risk: int
    changed: int = 0


def worklist(database: Database, *, by: Person) -> tuple[WorklistLine, ...]:
    require(by, "worklist.see")
    with database.read() as connection:
        ids = [row.id for row in connection.execute(select(_REVIEWS.c.id).where(_REVIEWS.c.state != "replaced"))]
        lines = [_line(connection, review) for review in ids]
    return tuple(
        sorted(lines, key=lambda x: (x.state != "open", x.patient.discharge_at or "9999", x.patient.name, x.review))
    )


def _line(connection: object, review: str) -> WorklistLine:
    page = read_review(connection, review)  # type: ignore[arg-type]
    entries = page.reconciliation.entries()
    current = [r for r in page.reconciliation.rows if any(entries[e].current for e in r.entries)]
    decided = {row for row, s in page.decisions.items() if s.decision is not None and not s.decision.open}
    severe = {d.row for d in page.reconciliation.discrepancies if d.severity == 3 and d.row}
    return WorklistLine(
        review=page.id,
        state=page.state,
        patient=page.patient,
        lists=len(page.reconciliation.lists),
        missing=tuple(
            incomplete_words(one) for one in page.reconciliation.lists if one.state is not ListState.COMPLETE
        ),
        medicines=len(current),
        to_decide=sum(r.id not in decided for r in current),
        high_risk=sum(r.id in severe for r in current),
        changed=page.changed,
    )
