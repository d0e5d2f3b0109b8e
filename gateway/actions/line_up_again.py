"""The lists of an open review lined up again after a person taught a name, entered a medicine or parted a row.

The review stays as it was, read-only; a new one of the same lists takes its place in the same transaction as the
change. Decisions on rows that did not change stay, those on rows that did are shown to be looked at again.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection

from gateway.actions.hand_lists import lists_by_hand, standing_splits
from gateway.actions.reconcile import Knowledge, matched_anew
from gateway.actions.reviews import ReviewPage, put_review
from gateway.normalise.aliases import Aliases
from gateway.records.reconciliation import Reconciliation


def line_up_again(
    connection: Connection, knowledge: Knowledge, page: ReviewPage, aliases: Aliases, now: dt.datetime
) -> tuple[str, Reconciliation]:
    """The id of the review that goes on, and what it shows."""
    patient = page.patient.id
    by_hand, splits = lists_by_hand(connection, patient), standing_splits(connection, patient)
    anew = matched_anew(page.reconciliation, knowledge, aliases, by_hand, splits)
    return put_review(connection, patient=patient, reconciliation=anew, now=now), anew
