"""Medicines over time, as the review's snapshot tells them."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from gateway.actions.access import Person
from gateway.actions.reconcile import Knowledge
from gateway.actions.review_page import ShownReview, entry_words, shown_review
from gateway.normalise.currency import SUPPLY_DAYS, supply_days
from gateway.records.dates import last_day
from gateway.records.lists import MedicineEntry, MedicineList
from gateway.review import words
from gateway.review.entries import EntryWords
from gateway.review.timeline import PHONE, WIDE, Drawing, Span, Stay, draw
from gateway.store.database import Database

_INPATIENT = {"IMP", "ACUTE", "NONACUTE", "SS"}
_KINDS = {"gp": "gp", "community-pharmacy": "pharmacy", "hospital": "hospital", "by-hand": "by-hand"}


class Timeline(Struct, frozen=True, kw_only=True):
    """`wide` and `phone` draw the same `spans`; the table says all of them."""

    shown: ShownReview
    spans: tuple[Span, ...]
    wide: Drawing
    phone: Drawing
    today: str


def timeline_page(database: Database, knowledge: Knowledge, *, review: str, by: Person, now: dt.datetime) -> Timeline:
    """Raises NotAllowed or NotFound."""
    shown = shown_review(database, knowledge, review=review, by=by, now=now, record=False)
    one = shown.stored.reconciliation
    said = entry_words(one, knowledge)
    lists = {x.name: x for x in one.lists}
    entries = one.entries()
    order = {column.name: n for n, column in enumerate(shown.view.columns)}
    spans = []
    for row in shown.view.rows:
        ids = [e.id for cell in row.cells for e in (*cell.entries, *cell.others)]
        name = f"{row.medicine}, {row.part}" if row.part else row.medicine
        mine = sorted((entries[i] for i in ids), key=lambda e: (order[e.list], _start(e) or dt.date.min, e.id))
        spans += [_span(e, lists[e.list], row.id, name, said[e.id]) for e in mine]
    stays = _stays(one.lists)
    return Timeline(
        shown=shown,
        spans=tuple(spans),
        wide=draw(spans, stays, one.at, WIDE),
        phone=draw(spans, stays, one.at, PHONE),
        today=words.date(one.at.isoformat()) or "",
    )


def _span(entry: MedicineEntry, one: MedicineList, row: str, medicine: str, said: EntryWords) -> Span:
    written = entry.written
    start, end = _start(entry), _end(entry)
    dose = " and ".join(" ".join(filter(None, part)) for part in said.dose)
    taken = f"DOSE {dose or entry.dose.text}" if dose or entry.dose.text else "dose not recorded"
    status = words.STATUS.get(written.status, "") if written.kind != "MedicationDispense" else ""
    until = words.date(end.isoformat()) if end else None
    return Span(
        row=row,
        medicine=medicine,
        lane=words.title(one),
        kind=_KINDS.get(one.written.kind or "", "other"),
        dose=words.whole(f"{said.strength} – {taken}" if said.strength else taken),
        status=status,
        start=start,
        end=end,
        suspended=written.status == "on-hold",
        ended=not entry.current,
        from_words=words.date(written.start or written.handed_over or written.last_issued or written.asserted)
        or "not recorded",
        until_words=until or ("not recorded" if not entry.current else "goes on"),
    )


def _start(entry: MedicineEntry) -> dt.date | None:
    written = entry.written
    given = written.handed_over if written.kind == "MedicationDispense" else None
    return last_day(given or written.start or written.last_issued or written.handed_over or written.asserted)


def _end(entry: MedicineEntry) -> dt.date | None:
    """A supply lasts as long as was handed out, an issue without an end as long as a supply usually does."""
    written, start = entry.written, _start(entry)
    if written.kind == "MedicationDispense" and start:
        return start + dt.timedelta(days=supply_days(written))
    if written.end:
        return last_day(written.end)
    issued = last_day(written.last_issued)
    return issued + dt.timedelta(days=SUPPLY_DAYS) if issued else None


def _stays(lists: tuple[MedicineList, ...]) -> list[Stay]:
    found = {
        Stay(start=start, end=last_day(e.end) if e.status in {"finished", "completed", "discharged"} else None)
        for one in lists
        for e in one.written.encounters
        if (e.class_code or "").upper() in _INPATIENT and e.status not in {"planned", "cancelled", "entered-in-error"}
        if (start := last_day(e.start))
    }
    return sorted(found, key=lambda s: s.start)
