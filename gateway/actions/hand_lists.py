"""What people entered by hand about a patient, as lists of their own and as the rows they parted."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from gateway.records.as_written import Concept, EntryAsWritten, WrittenDosage, WrittenMedicine
from gateway.records.by_hand import BY_HAND, HandEntry, Split, Teller
from gateway.records.lists import ListAsWritten, ListState
from gateway.store.tables import HandEntryRow, RowSplit

_ENTRIES = HandEntryRow.__table__  # type: ignore[attr-defined]
_SPLITS = RowSplit.__table__  # type: ignore[attr-defined]

#: Who or what it is known from, as an organisation would be named. Of one whose list did not come, its own name.
ORGANISATION = {
    Teller.PATIENT: "The patient",
    Teller.CARER: "A carer",
    Teller.CARE_HOME: "The care home",
    Teller.OWN_DRUGS: "The patient's own medicines, seen",
    Teller.PAPER_LIST: "A paper list, seen",
}


def entries_by_hand(connection: Connection, patient: str) -> tuple[HandEntry, ...]:
    """All, also those corrected or taken back, in the order in which they were entered."""
    query = select(_ENTRIES).where(_ENTRIES.c.patient == patient).order_by(_ENTRIES.c.at, _ENTRIES.c.id)
    fields = [f for f in HandEntry.__struct_fields__ if f != "teller"]
    return tuple(
        HandEntry(teller=Teller(row.teller), **{f: getattr(row, f) for f in fields})
        for row in connection.execute(query)
    )


def lists_by_hand(connection: Connection, patient: str) -> tuple[ListAsWritten, ...]:
    """One list for each teller, never part of an organisation's list, even where it stands in for one."""
    by_list: dict[str, list[HandEntry]] = {}
    for one in entries_by_hand(connection, patient):
        if one.standing:
            by_list.setdefault(one.list, []).append(one)
    return tuple(_list(name, found) for name, found in sorted(by_list.items()))


def _list(name: str, found: Sequence[HandEntry]) -> ListAsWritten:
    first = found[0]
    return ListAsWritten(
        name=name,
        state=ListState.COMPLETE,
        received=len(found),
        entries=tuple(as_written(one) for one in found),
        organisation=ORGANISATION.get(first.teller) or f"{first.about}, by telephone or on paper",
        kind=BY_HAND,
        as_of=max(one.at for one in found),
    )


def as_written(one: HandEntry) -> EntryAsWritten:
    """Exactly as typed, so that it is read as an entry of any list is."""
    return EntryAsWritten(
        id=f"{one.list}/MedicationStatement/{one.id}",
        list=one.list,
        resource=f"MedicationStatement/{one.id}",
        kind="MedicationStatement",
        status="active",
        status_as_written="active",
        medicine=WrittenMedicine(concept=Concept(text=one.medicine)),
        dosages=(WrittenDosage(text=one.dose),) if one.dose else (),
        notes=(one.note,) if one.note else (),
        asserted=one.told_on or one.at[:10],
    )


def standing_splits(connection: Connection, patient: str) -> tuple[Split, ...]:
    """In the order in which they were made, so that the same parts come out each time."""
    query = select(_SPLITS).where(_SPLITS.c.patient == patient, _SPLITS.c.standing.is_(True))
    return tuple(
        Split(id=r.id, entries=tuple(json.loads(r.entries)), reason=r.reason, role=r.role, at=r.at)
        for r in connection.execute(query.order_by(_SPLITS.c.at, _SPLITS.c.id))
    )
