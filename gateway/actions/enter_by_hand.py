"""A medicine that a person enters by hand: read as a list's entry is, shown back, matched and checked with the rest."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, insert, select, update

from gateway.actions.access import Person, require
from gateway.actions.aliases import standing_aliases
from gateway.actions.decide_row import CLOSED
from gateway.actions.fill_cases import fill_cases
from gateway.actions.hand_lists import as_written
from gateway.actions.ids import new_id
from gateway.actions.line_up_again import line_up_again
from gateway.actions.read_change import entry_in_words, read_entry
from gateway.actions.received_form import taken_before
from gateway.actions.reconcile import Knowledge
from gateway.actions.reviews import ReviewPage, lock_review, newest_of, read_review
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.by_hand import HandEntry, Teller
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import HandEntryRow
from gateway.terminology.vocabulary import Vocabulary

_ENTRIES = HandEntryRow.__table__  # type: ignore[attr-defined]

LONGEST = 1_000
LONGEST_NOTE = 4_000


class ReadEntry(Struct, frozen=True, kw_only=True):
    """`words` is how all that was understood reads; `why_not` says what was not, each in one sentence."""

    words: str
    why_not: tuple[str, ...] = ()


def read_by_hand(one: HandEntry, vocabulary: Vocabulary) -> ReadEntry:
    """How the gateway reads it, for showing back before it is saved. Raises InputError for what cannot be kept."""
    check(one)
    entry, view = read_entry(as_written(one), vocabulary)
    why = []
    if not entry.product.understood:
        why.append("The medicine is not known: kept as text, decide by hand; no rule looks at it.")
    if not one.dose:
        why.append("No dose was given.")
    elif not entry.dose.parsed:
        cause = entry.dose.disagreement or entry.dose.why_not or "it is not known"
        why.append(f"The dose is not understood, and is kept as text: {cause}.")
    return ReadEntry(words=entry_in_words(entry, view), why_not=tuple(why))


def check(one: HandEntry) -> None:
    """Raises InputError."""
    if not one.medicine.strip():
        raise InputError("Say which medicine it is, with its strength and form where they are known.")
    if one.teller is Teller.ORGANISATION and not one.about:
        raise InputError("Say of which organisation the list is missing.")
    for text, most in ((one.medicine, LONGEST), (one.dose, LONGEST), (one.note or "", LONGEST_NOTE)):
        if len(text) > most or "\0" in text:
            raise InputError(f"A medicine or dose has at most {LONGEST} characters, a note {LONGEST_NOTE}.")
    if one.told_on:
        try:
            dt.date.fromisoformat(one.told_on)
        except ValueError:
            raise InputError("The day on which it was told or seen is no date; write it as 2026-11-25.") from None


def enter_by_hand(
    database: Database,
    knowledge: Knowledge,
    *,
    review: str,
    entry: HandEntry,
    by: Person,
    now: dt.datetime,
    seconds: float | None = None,
    timing: str | None = None,
    form: str | None = None,
) -> str:
    """The id of the review that goes on. `entry.corrects` names the one whose place it takes.

    Raises InputError for what lacks something, NotFound, Conflict for a closed review or an entry taken back already.
    """
    require(by, "review.decide")
    check(entry)
    aliases = standing_aliases(database)
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        if form and taken_before(connection, form, msgspec.json.encode(entry), now):
            return newest_of(connection, page.patient.id)
        _open(page)
        missing = {one.name for one in page.reconciliation.lists if not one.written.by_hand}
        if entry.about is not None and entry.about not in missing:
            raise NotFound("There is no such list in this review.")
        if entry.told_on and dt.date.fromisoformat(entry.told_on) > now.date():
            raise InputError("The day on which it was told or seen lies ahead.")
        made = msgspec.structs.replace(entry, id=new_id(), role=by.role, at=now.isoformat(), standing=True)
        if entry.corrects:
            _set_aside(connection, page, entry.corrects, by, now, "corrected")
        row = msgspec.structs.asdict(made) | {"patient": page.patient.id, "actor": by.account}
        connection.execute(insert(_ENTRIES), [row | {"teller": made.teller.value}])
        act = Act(
            kind="medicine.corrected" if entry.corrects else "medicine.entered",
            subject=review,
            item=made.id,
            actor=by.account,
            role=by.role,
            reason=made.teller.value,
            seconds=seconds,
            timing=timing,
            payload={"medicine": made.medicine, "dose": made.dose, "corrects": made.corrects, "about": made.about},
        )
        ledger.append(connection, [act], now.isoformat())
        new, anew = line_up_again(connection, knowledge, page, aliases, now)
    fill_cases(database, review=new, reconciliation=anew, vocabulary=knowledge.vocabulary, now=now)
    return new


def take_back(
    database: Database, knowledge: Knowledge, *, review: str, entry: str, reason: str, by: Person, now: dt.datetime
) -> str:
    """The id of the review that goes on; what was entered stays in the record. Raises as `enter_by_hand`."""
    require(by, "review.decide")
    if not reason.strip():
        raise InputError("Say why it is taken back.")
    if len(reason) > LONGEST_NOTE or "\0" in reason:
        raise InputError(f"A reason has at most {LONGEST_NOTE} characters.")
    aliases = standing_aliases(database)
    with database.write() as connection:
        lock_review(connection, review)
        page = read_review(connection, review)
        _open(page)
        _set_aside(connection, page, entry, by, now, reason.strip())
        act = Act(
            kind="medicine.withdrawn", subject=review, item=entry, actor=by.account, role=by.role,
            payload={"why": reason.strip()},
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
        new, anew = line_up_again(connection, knowledge, page, aliases, now)
    fill_cases(database, review=new, reconciliation=anew, vocabulary=knowledge.vocabulary, now=now)
    return new


def _open(page: ReviewPage) -> None:
    if page.state != "open":
        raise Conflict(CLOSED[page.state])


def _set_aside(connection: Connection, page: ReviewPage, entry: str, by: Person, now: dt.datetime, why: str) -> None:
    one = (_ENTRIES.c.id == entry, _ENTRIES.c.patient == page.patient.id)
    if connection.execute(select(_ENTRIES.c.id).where(*one)).first() is None:
        raise NotFound("There is no such medicine among those entered by hand.")
    said: dict[str, Any] = {
        "standing": False,
        "taken_back_by": by.account,
        "taken_back_role": by.role,
        "taken_back_at": now.isoformat(),
        "taken_back_reason": why,
    }
    if connection.execute(update(_ENTRIES).where(*one, _ENTRIES.c.standing.is_(True)).values(**said)).rowcount != 1:
        raise Conflict("It was corrected or taken back already; open the page again.")
