"""The worklist, which is also the ward board: who is in hospital or has a review, soonest discharge first."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from msgspec import Struct
from sqlalchemy import Connection, Row, select

from gateway.actions.access import Person, require
from gateway.actions.handover import Given, holders
from gateway.actions.patient_banner import PatientBanner
from gateway.actions.presence import Other, here_now
from gateway.actions.snapshot_summary import Summary, summaries
from gateway.discrepancies.pack import load_rules
from gateway.errors import NotFound
from gateway.records.decision import Decision
from gateway.review.board import STATUS_WORDS, Spoken, Status, reconciliation_clock, status_of, time_left
from gateway.store.database import Database
from gateway.store.tables import Patient, Review, RowDecision, Source, Stay

_REVIEWS = Review.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]
_DECISIONS = RowDecision.__table__  # type: ignore[attr-defined]
_STAYS = Stay.__table__  # type: ignore[attr-defined]
_SOURCES = Source.__table__  # type: ignore[attr-defined]

_DECISION = msgspec.json.Decoder(Decision)

#: The process flag whose hours are the clock since admission (mappings/discrepancies/process_flags.yaml).
CLOCK = "admission-reconciled-late"

_NOTHING = Summary(lists=0, missing=(), current=frozenset(), high_risk=0)


class WorklistLine(Struct, frozen=True, kw_only=True):
    """One patient. `review` and `state` are None until their lists are fetched; then also the counts are 0.

    `missing` says in words which lists are not complete; `high_risk` counts rows with a severity 3 finding; `changed`
    what the lists said otherwise when they were fetched again; `waiting` rows with a question to the prescriber.
    `left_at`: when the stay ended. `left` words the time until discharge, `clock` the time since admission.
    """

    review: str | None
    state: str | None
    signed_at: str | None
    patient: PatientBanner
    lists: int
    missing: tuple[str, ...]
    medicines: int
    to_decide: int
    waiting: int
    high_risk: int
    changed: int
    status: Status
    status_words: str
    admitted_at: str | None
    left_at: str | None
    left: Spoken | None
    clock: Spoken
    here: tuple[Other, ...]
    given: Given | None

    @property
    def late(self) -> bool:
        return bool(self.left and self.left.late)


class SetAside(Struct, frozen=True, kw_only=True):
    """A patient in hospital whose lists cannot be asked for, with the cause in words."""

    organisation: str
    name: str | None
    ward: str | None
    bed: str | None
    cause: str


class ClockLimit(Struct, frozen=True):
    hours: int
    source: str


def clock_limit() -> ClockLimit:
    """Within how many hours of admission medicines are to be reconciled, and who says so."""
    found = next(one for one in load_rules().clinical.process.flags if one.id == CLOCK)
    return ClockLimit(found.hours, found.source)


def worklist(database: Database, *, by: Person, now: dt.datetime) -> tuple[WorklistLine, ...]:
    """Open reviews and stays without one, soonest discharge first; then what is signed, then who has left."""
    require(by, "worklist.see")
    hours = clock_limit().hours
    with database.read() as connection:
        reviews = _reviews(connection)
        stays = _stays(connection)
        counted = summaries(connection, {row.id: row.snapshot_sha256 for row in reviews.values()})
        decided, waiting = _decided(connection)
        here, given = here_now(connection, now), holders(connection)
        people = connection.execute(select(_PATIENTS).where(_PATIENTS.c.id.in_(_on_the_board()))).all()
    lines = []
    for person in people:
        review, stay = reviews.get(person.id), stays.get(person.id)
        key = review.id if review else ""
        counts = counted.get(key, _NOTHING)
        lines.append(
            _line(person, review, stay, counts, decided.get(key, set()), waiting.get(key, set()),
                  here.get(key, ()), given.get(key), hours, now)
        )  # fmt: skip
    return tuple(sorted(lines, key=_order))


def _order(one: WorklistLine) -> tuple[int, str, str, str]:
    last = {Status.SIGNED: 1, Status.LEFT: 2}.get(one.status, 0)
    return last, one.patient.discharge_at or "9999", one.patient.name, one.patient.id


def set_aside(database: Database, *, by: Person) -> tuple[SetAside, ...]:
    """Stays under way that are on no line of the worklist, by hospital and ward."""
    require(by, "worklist.see")
    query = (
        select(_STAYS, _SOURCES.c.organisation)
        .join(_SOURCES, _SOURCES.c.id == _STAYS.c.source)
        .where(_STAYS.c.patient.is_(None), _STAYS.c.ended_at.is_(None))
        .order_by(_SOURCES.c.organisation, _STAYS.c.ward, _STAYS.c.bed, _STAYS.c.id)
    )
    with database.read() as connection:
        return tuple(
            SetAside(organisation=r.organisation, name=r.name, ward=r.ward, bed=r.bed, cause=r.cause or "not said")
            for r in connection.execute(query)
        )


def identifier_of(database: Database, *, patient: str, by: Person) -> str:
    """What the lists of a patient on the worklist are asked for by. Raises NotFound."""
    require(by, "worklist.see")
    with database.read() as connection:
        number = connection.execute(select(_PATIENTS.c.nhs_number).where(_PATIENTS.c.id == patient)).scalar()
    if number is None:
        raise NotFound("There is no such patient on the worklist.")
    return str(number)


def _on_the_board() -> Any:
    reviewed = select(_REVIEWS.c.patient).where(_REVIEWS.c.state != "replaced")
    return reviewed.union(select(_STAYS.c.patient).where(_STAYS.c.patient.is_not(None)))


def _reviews(connection: Connection) -> dict[str, Row[Any]]:
    """By patient, the newest that was not replaced, without its snapshot."""
    columns = [c for c in _REVIEWS.c if c.name != "snapshot"]
    query = select(*columns).where(_REVIEWS.c.state != "replaced").order_by(_REVIEWS.c.opened_at)
    return {row.patient: row for row in connection.execute(query)}


def _stays(connection: Connection) -> dict[str, Row[Any]]:
    """By patient, the stay under way, else the last; the one that began last where there are several."""
    query = select(_STAYS).where(_STAYS.c.patient.is_not(None))
    rows = connection.execute(query).all()
    rows = sorted(rows, key=lambda r: (r.ended_at is None, r.admitted_at or "", r.id))
    return {row.patient: row for row in rows}


def _decided(connection: Connection) -> tuple[dict[str, set[str]], dict[str, set[str]]]:
    """By review: rows that are decided, and rows with a question to the prescriber."""
    query = (
        select(_DECISIONS.c.review, _DECISIONS.c.row, _DECISIONS.c.decision)
        .join(_REVIEWS, _REVIEWS.c.id == _DECISIONS.c.review)
        .where(_DECISIONS.c.standing, _REVIEWS.c.state != "replaced")
    )
    decided: dict[str, set[str]] = {}
    waiting: dict[str, set[str]] = {}
    for row in connection.execute(query):
        kept = waiting if _DECISION.decode(row.decision).open else decided
        kept.setdefault(row.review, set()).add(row.row)
    return decided, waiting


def _line(
    person: Row[Any],
    review: Row[Any] | None,
    stay: Row[Any] | None,
    counts: Summary,
    decided: set[str],
    waiting: set[str],
    here: tuple[Other, ...],
    given: Given | None,
    hours: int,
    now: dt.datetime,
) -> WorklistLine:
    patient = PatientBanner(**{f: getattr(person, f) for f in PatientBanner.__struct_fields__})
    if stay is not None:
        patient = msgspec.structs.replace(patient, ward=stay.ward, bed=stay.bed, discharge_at=stay.discharge_at)
    left_at = stay.ended_at if stay is not None else None
    signed_at = review.signed_at if review is not None else None
    to_decide = len(counts.current - decided)
    status = status_of(
        state=review.state if review is not None else None,
        left=left_at is not None,
        medicines=len(counts.current),
        to_decide=to_decide,
        waiting=len(counts.current & waiting),
    )
    in_hospital = left_at is None and status is not Status.SIGNED
    return WorklistLine(
        review=review.id if review is not None else None,
        state=review.state if review is not None else None,
        signed_at=signed_at,
        patient=patient,
        lists=counts.lists,
        missing=counts.missing,
        medicines=len(counts.current),
        to_decide=to_decide,
        waiting=len(counts.current & waiting),
        high_risk=counts.high_risk,
        changed=review.changed if review is not None else 0,
        status=status,
        status_words=STATUS_WORDS[status],
        admitted_at=stay.admitted_at if stay is not None else None,
        left_at=left_at,
        left=time_left(patient.discharge_at, now) if in_hospital else None,
        clock=reconciliation_clock(stay.admitted_at if stay is not None else None, signed_at, now, hours),
        here=here,
        given=given,
    )
