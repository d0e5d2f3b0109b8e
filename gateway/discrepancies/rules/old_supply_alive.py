"""Stopped or replaced at discharge, and an order, an issue or a supply of it is dated shortly before that or later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from gateway.discrepancies.knowledge import ChangeWords
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.replaced import replacement_of
from gateway.discrepancies.status import is_stopped, last, last_day, status_words
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed
from gateway.records.lists import ListRole, MedicineEntry
from gateway.records.matching import Row

#: An entry, what happened ("supplied") and its day.
Ordered = tuple[MedicineEntry, str, str]


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    left, how = _discharged_on(view)
    since = (left - dt.timedelta(days=pack.thresholds.old_supply_days)).isoformat()
    undated = []
    for row in view.rows:
        ended = _ended(view, row, pack.change_words)
        if ended is None:
            continue
        entry, what = ended
        elsewhere = _elsewhere(view, row)
        orders = [order for e in elsewhere if (order := _order(e)) is not None]
        alive = sorted((o for o in orders if o[2] >= since), key=lambda o: (o[2], o[0].id))
        if alive:
            said = listed(f"{kind} on {day} ({e.list})" for e, kind, day in alive)
            yield Raised(
                message=f"{row.medicine} {what}, and it was {said}; the patient may still have it.",
                rows=(row.id,),
                entries=(entry.id, *(e.id for e, _, _ in alive)),
                evidence=(f"{entry.id}#status", *(f"{e.id}#supply" for e, _, _ in alive)),
                settle="Tell the practice and the pharmacy to end it, and ask what is left at home "
                f"(day of discharge {left}, {how}).",
            )
        elif not orders and any(e.written.kind == "MedicationDispense" for e in elsewhere):
            undated.append(row.medicine)
    if undated:
        yield Cannot(f"the supplies bear no date: {listed(undated)}")


def _ended(view: RuleView, row: Row, words: ChangeWords) -> tuple[MedicineEntry, str] | None:
    """The discharge entry that stops it, or the one that says that it replaces it, with what happened in words."""
    discharge = view.with_role(ListRole.DISCHARGE)
    if view.is_on(row, discharge):
        return None
    stopped = tuple(e for one in discharge for e in view.listed[row.id].get(one.name, ()) if is_stopped(e))
    if stopped:
        stop = last(stopped)
        return stop, f"is {status_words(stop)} on the {stop.list} list"
    other = replacement_of(view, row, words)
    return (other, f'is replaced on the {other.list} list ("{other.text}")') if other else None


def _elsewhere(view: RuleView, row: Row) -> list[MedicineEntry]:
    """Entries of practices and pharmacies; a supply stands although it is over, an order that was ended does not."""
    lists = view.with_role(ListRole.PRE_ADMISSION, ListRole.SUPPLY)
    found = [e for one in lists for e in view.listed[row.id].get(one.name, ())]
    return [e for e in found if e.current or e.written.kind == "MedicationDispense"]


def _order(entry: MedicineEntry) -> Ordered | None:
    """The start of a plan is no order."""
    written = entry.written
    if written.kind == "MedicationDispense":
        kind, text = "supplied", written.handed_over
    elif written.last_issued or written.kind != "MedicationRequest":
        kind, text = "issued", written.last_issued
    else:
        kind, text = "ordered", written.asserted
    day = last_day(text)
    return (entry, kind, day) if day else None


def _discharged_on(view: RuleView) -> tuple[dt.date, str]:
    """The end of the stay, else the date of the discharge list, else the day of this review; and which it is."""
    lists = view.with_role(ListRole.DISCHARGE)
    ends = [day for one in lists for x in one.written.encounters if (day := last_day(x.end))]
    dated = [day for one in lists if (day := last_day(one.written.as_of))]
    for days, how in ((ends, "by the end of the stay"), (dated, "by the date of the discharge list")):
        if days:
            return min(dt.date.fromisoformat(max(days)), view.at), how
    return view.at, "taken as the day of this review"
