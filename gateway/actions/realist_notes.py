"""Realist notes: write, write again, list, export. What stood before stays in its version."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json

import msgspec
from msgspec import Struct
from sqlalchemy import func, insert, select

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.actions.metric_cards_page import cards_of
from gateway.errors import InputError, NotFound, Stale
from gateway.labour.work_steps import work_steps
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import RealistNote

_NOTES = RealistNote.__table__  # type: ignore[attr-defined]

LONGEST = 2000
STATUS = ("conjectured", "supported", "refined", "refuted")
POLARITY = ("helps", "harms", "mixed", "not-known")
#: Fields of a note in the words of the page; the first, the mechanism and the outcome are wanted.
FIELDS = {
    "context": "Context: where and for whom",
    "resource_offered": "What the technology or the work offered",
    "resource_removed": "What it took away",
    "mechanism": "Mechanism: how people responded, and why",
    "outcome": "Outcome",
}
_WANTED = ("context", "mechanism", "outcome")


class Note(Struct, frozen=True, kw_only=True):
    """The newest version of a note. `measures` are names of metric cards, `events` kinds of step."""

    note: str
    version: int
    context: str
    resource_offered: str
    resource_removed: str
    mechanism: str
    outcome: str
    role: str
    polarity: str
    status: str
    measures: tuple[str, ...]
    events: tuple[str, ...]
    at: str


class NoteText(Struct, frozen=True, kw_only=True):
    """What a person wrote."""

    context: str
    resource_offered: str
    resource_removed: str
    mechanism: str
    outcome: str
    role: str
    polarity: str
    status: str
    measures: tuple[str, ...] = ()
    events: tuple[str, ...] = ()


def list_notes(database: Database, *, by: Person) -> tuple[Note, ...]:
    """Newest first."""
    require(by, "labour.see")
    newest = select(_NOTES.c.note, func.max(_NOTES.c.version).label("version")).group_by(_NOTES.c.note).subquery()
    query = (
        select(_NOTES)
        .join(newest, (newest.c.note == _NOTES.c.note) & (newest.c.version == _NOTES.c.version))
        .order_by(_NOTES.c.at.desc(), _NOTES.c.id)
    )
    with database.read() as connection:
        return tuple(
            Note(
                **{name: getattr(row, name) for name in Note.__struct_fields__ if name not in ("measures", "events")},
                measures=tuple(json.loads(row.measures)),
                events=tuple(json.loads(row.events)),
            )
            for row in connection.execute(query)
        )


def write_note(
    database: Database, text: NoteText, *, note: str | None, expected_version: int, by: Person, now: dt.datetime
) -> str:
    """A new note, or the next version of one; its id. Raises InputError, NotFound, or Stale for an older version."""
    require(by, "realist.write")
    _check(text)
    with database.write() as connection:
        version = 0
        if note is not None:
            version = connection.execute(select(func.max(_NOTES.c.version)).where(_NOTES.c.note == note)).scalar() or 0
            if not version:
                raise NotFound("There is no such note.")
            if version != expected_version:
                raise Stale("Somebody else changed this note in the meantime; look at it first.")
        name = note or new_id()
        values = msgspec.to_builtins(text) | {
            "measures": json.dumps(list(text.measures)), "events": json.dumps(list(text.events)),
        }  # fmt: skip
        row = {"id": new_id(), "note": name, "version": version + 1, "actor": by.account, "at": now.isoformat()}
        connection.execute(insert(_NOTES), [row | values])
        act = Act(
            kind="realist.written", subject=name, actor=by.account, role=by.role, payload={"version": version + 1}
        )
        ledger.append(connection, [act], now.isoformat())
    return name


def _check(text: NoteText) -> None:
    for name, words in FIELDS.items():
        value = getattr(text, name)
        if name in _WANTED and not value.strip():
            raise InputError(f"{words}: write something.")
        if len(value) > LONGEST or "\0" in value:
            raise InputError(f"{words}: at most {LONGEST} characters.")
    if text.status not in STATUS:
        raise InputError("Choose how well the note is supported.")
    if text.polarity not in POLARITY:
        raise InputError("Choose whether it helps or harms.")
    if len(text.role) > 80 or "\0" in text.role:
        raise InputError("Whose work: at most 80 characters.")
    if set(text.measures) - {card.metric for card in cards_of(None)}:
        raise InputError("Choose measures from the list.")
    if set(text.events) - set(work_steps().steps):
        raise InputError("Choose steps from the list.")


def choices() -> tuple[dict[str, str], dict[str, str]]:
    """Measures and kinds of step that a note may be linked to, by name, in words."""
    measures = {card.metric: card.title for card in cards_of(None)}
    return measures, {kind: one.words for kind, one in work_steps().steps.items()}


def notes_csv(notes: tuple[Note, ...]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    columns = list(Note.__struct_fields__)
    writer.writerow(columns)
    for one in notes:
        cells = [getattr(one, name) for name in columns]
        flat = [" ".join(cell) if isinstance(cell, tuple) else str(cell) for cell in cells]
        writer.writerow([f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t")) else cell for cell in flat])
    return text.getvalue()
