"""The outcome documents of the demo's stories: draft, signed with everything decided, and signed again."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from conformance.fhir.bundles import NOW, Made, Records, records_of
from gateway.actions.access import Person
from gateway.actions.accounts import create_account
from gateway.actions.decide_row import decide
from gateway.actions.outcome_files import outcome_file
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.actions.record_fetch import known_patient
from gateway.actions.reviews import open_review
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.demo.stories import load_stories
from gateway.fhir.read import read_list
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListRole, SourceDocument
from gateway.records.reconciliation import Reconciliation
from gateway.store.database import Database, open_database

_OUTCOMES = (Outcome.CONTINUE, Outcome.CHANGE, Outcome.STOP, Outcome.WITHHOLD, Outcome.NOT_TAKING, Outcome.ASK)


def documents(folder: Path) -> Iterator[Made]:
    """Three of each story; the rows take the outcomes in turn, and each fifth stays undecided."""
    database = open_database(f"sqlite:///{folder / 'documents.sqlite3'}")
    try:
        knowledge = load_knowledge(folder / "knowledge")
        by = create_account(
            database, name="pat", display_name="Pat", role="pharmacist", password="conformance only", now=NOW
        )
        stories = load_stories()
        for number, story in enumerate(stories.patients):
            one = _reconciled(records_of(story, stories), knowledge)
            who = known_patient(database, nhs_number=story.nhs_number, name=f"Story {number}")
            review = open_review(database, patient=who, reconciliation=one, now=NOW)
            for n, row in enumerate(one.rows):
                if n % 5 < 4:
                    decision = _decision(row.id, row.entries, _OUTCOMES[n % len(_OUTCOMES)])
                    decide(database, review=review, decision=decision, expected_version=0, by=by, now=NOW)
            yield _made(database, review, f"outcome {story.key} draft", by, NOW)
            sign_review(database, review=review, expected_version=1, override="by phone", by=by, now=NOW)
            yield _made(database, review, f"outcome {story.key} signed", by, NOW)
            later = NOW + dt.timedelta(hours=1)
            reopen_review(database, review=review, expected_version=2, reason="a result came", by=by, now=later)
            sign_review(database, review=review, expected_version=3, override="by phone", by=by, now=later)
            yield _made(database, review, f"outcome {story.key} again", by, later)
    finally:
        database.close()


def _reconciled(records: Records, knowledge: Knowledge) -> Reconciliation:
    lists = []
    for name, record in records.items():
        content = json.dumps(record).encode()
        sent = SourceDocument(content=content, sha256=hashlib.sha256(content).hexdigest())
        lists.append(read_list(name, [sent]))
    return reconcile(lists, knowledge, NOW.date(), {"hospital": ListRole.DISCHARGE})


def _decision(row: str, entries: tuple[str, ...], outcome: Outcome) -> Decision:
    return Decision(
        row=row,
        outcome=outcome,
        as_on=entries[:1] if outcome is Outcome.CONTINUE else (),
        change_to="half a tablet & <more>" if outcome is Outcome.CHANGE else None,
        restart="after the blood test" if outcome is Outcome.WITHHOLD else None,
        question="Is it still needed?" if outcome is Outcome.ASK else None,
        reason=None if outcome is Outcome.CONTINUE else "clinician-confirmed",
    )


def _made(database: Database, review: str, name: str, by: Person, now: dt.datetime) -> Made:
    file = outcome_file(database, review=review, kind="document", by=by, now=now, draft=True)
    return Made(name, file.body, "", broke=False)
