"""The outcome of a review as the database holds it: snapshot, decisions, signatures; nothing of it is kept twice."""

from __future__ import annotations

import datetime as dt

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, select

from gateway.actions.access import Person
from gateway.actions.access_log import look
from gateway.actions.decide_row import decision_reasons
from gateway.actions.hindrances import hindrances
from gateway.actions.reviews import ReviewPage, read_review
from gateway.actions.second_check import rows_to_check
from gateway.normalise.dose_render import render
from gateway.records.dose import Dose, DoseStep
from gateway.records.ledger import Act
from gateway.records.lists import ListRole
from gateway.records.outcome import DoseWords, OutcomeOfReview, ReasonWords, Signing
from gateway.review.outcome import outcome_of
from gateway.review.words import age
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Review

_REVIEWS = Review.__table__  # type: ignore[attr-defined]

#: The same paper called up again within this time is one print.
_ONE_PRINT = dt.timedelta(minutes=2)


class FoundOutcome(Struct, frozen=True, kw_only=True):
    """`stored` is the review that `outcome` was made of; `hospital` the organisation that discharges, where a list
    names it."""

    stored: ReviewPage
    outcome: OutcomeOfReview
    hospital: str | None
    age: int | None


def review_outcome(database: Database, *, review: str, by: Person, now: dt.datetime) -> FoundOutcome:
    """Raises NotAllowed (and keeps the denial) or NotFound. The look stands in the access log."""
    look(database, what="outcome.see", review=review, by=by, now=now)
    with database.read() as connection:
        return read_outcome(connection, review, now)


def printed_outcome(database: Database, *, review: str, paper: str, by: Person, now: dt.datetime) -> FoundOutcome:
    """The same for a page made for paper (`paper`: list or patient-list), with who called it up in the ledger."""
    look(database, what="outcome.print", review=review, by=by, now=now)
    with database.read() as connection:
        found = read_outcome(connection, review, now)
    since = (now - _ONE_PRINT).isoformat()
    with database.write() as connection:
        kind = "outcome.printed"
        if not ledger.has(connection, subject=review, kind=kind, actor=by.account, since=since, item=paper):
            act = Act(kind=kind, subject=review, item=paper, actor=by.account, role=by.role,
                      payload={"draft": found.outcome.draft})  # fmt: skip
            ledger.append(connection, [act], now.isoformat())
    return found


def read_outcome(connection: Connection, review: str, now: dt.datetime) -> FoundOutcome:
    """Raises NotFound."""
    page = read_review(connection, review)
    one = page.reconciliation
    doses = {e.id: words for e in one.entries().values() if (words := dose_words(e.dose))}
    for row, standing in page.decisions.items():
        decision = standing.decision
        if decision and decision.change_to:
            read = decision.understood
            words = dose_words(read.dose) if read else None
            doses[row] = words or DoseWords(decision.change_to)
    outcome = outcome_of(
        one,
        review=review,
        fetched_at=page.opened_at,
        decisions={row: (s.decision, s.version) for row, s in page.decisions.items()},
        doses=doses,
        reasons={r.code: ReasonWords(r.words, r.plain) for r in decision_reasons()},
        to_check=rows_to_check(page),
        open_=hindrances(page),
        now=now,
        signed=_signing(connection, page),
        superseded=page.state == "replaced",
    )
    return FoundOutcome(
        stored=page, outcome=outcome, hospital=_hospital(page), age=age(page.patient.birth_date, one.at)
    )


def dose_words(dose: Dose) -> DoseWords | None:
    """As it was written, else as it was read; amount and times apart only where one step says all, with a unit."""
    whole = dose.text or render(dose)
    if not whole:
        return None
    if not dose.parsed or len(dose.sequence) != 1 or dose.sequence[0].unit is None:
        return DoseWords(whole)
    step = dose.sequence[0]
    amount = DoseStep(low=step.low, high=step.high, unit=step.unit, equal_to=step.equal_to)
    times = msgspec.structs.replace(step, low=None, high=None, unit=None, equal_to=None)
    apart = [render(Dose(parsed=True, sequence=(part,))) for part in (amount, times)]
    return DoseWords(whole, *(said or None for said in apart))


def _hospital(page: ReviewPage) -> str | None:
    for role in (ListRole.DISCHARGE, ListRole.INPATIENT):
        for one in page.reconciliation.lists:
            if one.role is role and one.written.organisation:
                return one.written.organisation
    return None


def _signing(connection: Connection, page: ReviewPage) -> Signing | None:
    """The signature that stands, with the one before it: of this review, or of those that it follows."""
    if page.signed_at is None:
        return None
    signatures = [e for e in ledger.entries(connection, page.id) if e.act.kind == "review.signed"]
    last = signatures[-1].act
    override = last.payload.get("override")
    overridden = last.payload.get("open")
    earlier = (page.id, signatures[-2].at) if len(signatures) > 1 else _signed_before(connection, page.follows)
    return Signing(
        at=page.signed_at,
        actor=last.actor,
        role=last.role,
        override=str(override) if override else None,
        overridden=tuple(str(words) for words in overridden) if isinstance(overridden, list) else (),
        replaces=earlier,
    )


def _signed_before(connection: Connection, follows: str | None) -> tuple[str, str] | None:
    """The last signature on the reviews that one follows, the nearest first."""
    seen: set[str] = set()
    while follows and follows not in seen:
        seen.add(follows)
        signatures = [e.at for e in ledger.entries(connection, follows) if e.act.kind == "review.signed"]
        if signatures:
            return follows, signatures[-1]
        follows = connection.execute(select(_REVIEWS.c.follows).where(_REVIEWS.c.id == follows)).scalar()
    return None
