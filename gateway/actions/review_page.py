"""The review as its page shows it: the stored snapshot, the decisions that stand, and everything in words."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from gateway.actions.access import Person
from gateway.actions.decide_row import decision_reasons
from gateway.actions.failed_fetch import FailedFetch, failed_since
from gateway.actions.handover import Given, holder
from gateway.actions.hindrances import hindrances
from gateway.actions.presence import Other, others_here
from gateway.actions.reconcile import Knowledge
from gateway.actions.reviews import ReviewPage, changes_since, look_at_review
from gateway.actions.rule_catalogue import rule_catalogue
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import dose_parts, strengths
from gateway.records.decision import Decision, Outcome
from gateway.records.matching import Matching
from gateway.records.reconciliation import Reconciliation
from gateway.review.beside import Beside, beside, load_beside
from gateway.review.changes import Change
from gateway.review.decided import decision_view
from gateway.review.entries import EntryWords
from gateway.review.page import ReviewView, review_view
from gateway.review.words import age
from gateway.store.database import Database


class ShownReview(Struct, frozen=True, kw_only=True):
    """`stored` is what the database holds; `view` is that in words; `hindrances` stand against signing.

    `changes` are what the lists say otherwise than at `changes_since`, when they were fetched before.
    `others` have the review open, too; `held` says who was given it; `beside` are results that stand beside the rows.
    `failed` is a later fetch of which no list came: the review shows what was received before it.
    """

    stored: ReviewPage
    view: ReviewView
    age: int | None
    hindrances: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    changes_since: str | None = None
    others: tuple[Other, ...] = ()
    held: Given | None = None
    beside: tuple[Beside, ...] = ()
    failed: FailedFetch | None = None


def shown_review(
    database: Database, knowledge: Knowledge, *, review: str, by: Person, now: dt.datetime, record: bool = True,
    seconds: float | None = None, timing: str | None = None,
) -> ShownReview:  # fmt: skip
    """Raises NotAllowed or NotFound. `record` keeps that the review was opened; not for a redraw after a form."""
    stored = look_at_review(database, review=review, by=by, now=now, record=record, seconds=seconds, timing=timing)
    found, since = changes_since(database, stored)
    return ShownReview(
        stored=stored,
        changes=found,
        changes_since=since,
        view=in_words(stored, knowledge),
        age=age(stored.patient.birth_date, stored.reconciliation.at),
        hindrances=hindrances(stored),
        beside=beside(stored.reconciliation.lists, stored.reconciliation.at, load_beside()),
        others=others_here(database, review=review, by=by, now=now),
        held=holder(database, review),
        failed=failed_since(database, patient=stored.patient.id, since=stored.opened_at),
    )


def said_of(shown: ShownReview, decision: Decision) -> str:
    """A decision that was not taken, in the words that the page would have for it."""
    row = next((r for r in shown.view.rows if r.id == decision.row), None)
    held = next((c for c in row.choices if {e.id for e in c.entries} == set(decision.as_on)), None) if row else None
    if decision.outcome is Outcome.CONTINUE:
        return f"Continue as on {held.titles}" if held else "Continue"
    return decision_view(decision, {}, (), {}).words


def entry_words(one: Reconciliation, knowledge: Knowledge) -> dict[str, EntryWords]:
    """Strength and dose of every entry, by id."""
    return _entry_words(one, _facts(one, knowledge))


def _facts(one: Reconciliation, knowledge: Knowledge) -> RuleView:
    matching = Matching(rows=one.rows, suggestions=one.suggestions)
    return RuleView.build(one.patient, one.at, one.lists, matching, knowledge.vocabulary)


def _entry_words(one: Reconciliation, facts: RuleView) -> dict[str, EntryWords]:
    return {
        e.id: EntryWords(
            strength=strengths(e) if e.product.strengths else "",
            dose=dose_parts(e, facts) if e.dose.parsed else (),
        )
        for each in one.lists
        for e in each.entries
    }


def in_words(stored: ReviewPage, knowledge: Knowledge) -> ReviewView:
    """The words are those that the findings use, so that a cell and its sentence cannot say different things."""
    one = stored.reconciliation
    facts = _facts(one, knowledge)
    said = _entry_words(one, facts)
    rules = rule_catalogue(knowledge)
    return review_view(
        one,
        said,
        {line.id: line.words for line in rules} | {f.id: f.words for f in knowledge.rules.clinical.process.flags},
        {r.code: r.words for r in decision_reasons()},
        {row: (s.decision, s.version) for row, s in stored.decisions.items()},
        critical=frozenset(row.id for row in one.rows if facts.is_critical(row)),
        rule_review={line.id: line.signed for line in rules},
        pack=knowledge.rules.version,
        look_again={row: s.look_again for row, s in stored.decisions.items() if s.look_again},
    )
