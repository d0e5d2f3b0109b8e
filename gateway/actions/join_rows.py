"""Join an unread entry to a medicine, or take that back: an alias confirmed or reversed, and the review matched anew.

The review that was open stays as it was, read-only; a new one of the same lists takes its place, with the decisions on
rows that did not change.
"""

from __future__ import annotations

import datetime as dt

from gateway.actions.access import Person, require
from gateway.actions.aliases import standing_aliases
from gateway.actions.confirm_alias import confirm_alias
from gateway.actions.decide_row import CLOSED
from gateway.actions.fill_cases import fill_cases
from gateway.actions.line_up_again import line_up_again
from gateway.actions.reconcile import Knowledge
from gateway.actions.reverse_alias import reverse_alias
from gateway.actions.reviews import ReviewPage, read_review
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.lists import MedicineEntry
from gateway.store.database import Database


def join(
    database: Database,
    knowledge: Knowledge,
    *,
    review: str,
    entry: str,
    read_as: str,
    everywhere: bool | None,
    reason: str,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
) -> str:
    """The id of the review that goes on. Raises as `confirm_alias`; InputError where the scope is not said."""
    require(by, "alias.confirm")
    page, one = _entry(database, review, entry)
    if everywhere is None:
        raise InputError("Say whether this holds for this organisation or everywhere.")
    confirm_alias(
        database,
        knowledge.vocabulary,
        written=one.product.name,
        read_as=read_as,
        organisation=None if everywhere else one.list,
        reason=reason,
        by=by,
        now=now,
        seconds=seconds,
        timing=timing,
    )
    return _go_on(database, knowledge, page, now)


def part(
    database: Database, knowledge: Knowledge, *, review: str, entry: str, reason: str, by: Person, now: dt.datetime,
    seconds: float | None = None, timing: str | None = None,
) -> str:  # fmt: skip
    """Take back by what a person joined this entry. Raises as `reverse_alias`, NotFound where nobody joined it."""
    require(by, "alias.confirm")
    page, one = _entry(database, review, entry)
    alias = standing_aliases(database).of_name(one.product.name, one.list) if one.product.confirmed else None
    if alias is None:
        raise NotFound("No person has said how this name is to be read.")
    reverse_alias(database, alias=alias.id, reason=reason, by=by, now=now, seconds=seconds, timing=timing)
    return _go_on(database, knowledge, page, now)


def _entry(database: Database, review: str, entry: str) -> tuple[ReviewPage, MedicineEntry]:
    with database.read() as connection:
        page = read_review(connection, review)
    if page.state != "open":
        raise Conflict(CLOSED[page.state])
    one = page.reconciliation.entries().get(entry)
    if one is None:
        raise NotFound("There is no such entry in this review.")
    return page, one


def _go_on(database: Database, knowledge: Knowledge, page: ReviewPage, now: dt.datetime) -> str:
    aliases = standing_aliases(database)
    with database.write() as connection:
        made, anew = line_up_again(connection, knowledge, page, aliases, now)
    fill_cases(database, review=made, reconciliation=anew, vocabulary=knowledge.vocabulary, now=now)
    return made
