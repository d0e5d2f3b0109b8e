"""Keep a hospital stay that was already read, from whatever door it came: idempotent, set aside with its cause where
nobody can say whose it is, closed when it is over, never deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from enum import StrEnum

from sqlalchemy import Connection, insert, select, update

from gateway.actions.ids import new_id
from gateway.actions.reconcile import Knowledge
from gateway.actions.record_fetch import put_patient
from gateway.errors import InputError
from gateway.records.ledger import Act
from gateway.records.lists import Encounter, PatientIdentity
from gateway.records.nhs_number import SYSTEM, checked_identifier
from gateway.records.stays import Arrival
from gateway.sources.arrivals import UNDER_WAY
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Stay

_STAYS = Stay.__table__  # type: ignore[attr-defined]

#: A ward, a bed, a name: what a source writes beyond that is no such thing.
_LONGEST = 200

_TELLING = ("patient", "name", "cause", "status", "ward", "bed", "admitted_at", "discharge_at", "ended_at")


class Kept(StrEnum):
    """What became of a stay. `OVER`: it ended before the gateway heard of it, so nothing is kept."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ENDED = "ended"
    SET_ASIDE = "set-aside"
    OVER = "over"


def keep_arrivals(
    database: Database, *, source: str, arrivals: Sequence[Arrival], system: str, now: dt.datetime
) -> tuple[Kept, ...]:
    """What became of each, in order; all in one transaction. `system` is of the identifier that the site goes by."""
    with database.write() as connection:
        found = [_keep(connection, source, one, system, now) for one in arrivals]
        ledger.append(connection, [act for _, act in found if act], now.isoformat())
    return tuple(kept for kept, _ in found)


def keep_stays_of(
    database: Database,
    *,
    patient: str,
    told: Mapping[str, Sequence[Encounter]],
    knowledge: Knowledge,
    now: dt.datetime,
) -> None:
    """The stays that came along with a known patient's lists, by the source that told them."""
    classes = knowledge.rules.clinical.process.stay_classes
    with database.write() as connection:
        acts = [
            _put(connection, source, one, patient=patient, name=None, cause=None, now=now)[1]
            for source, encounters in told.items()
            for one in encounters
            if one.class_code in classes
        ]
        ledger.append(connection, [act for act in acts if act], now.isoformat())


def _keep(connection: Connection, source: str, one: Arrival, system: str, now: dt.datetime) -> tuple[Kept, Act | None]:
    stay, who = one.encounter, one.patient
    number, cause = _identifier(one, system)
    patient = None
    if number is not None and who is not None and stay.status in UNDER_WAY:
        patient = put_patient(
            connection, nhs_number=number, name=_plain(who.name), birth_date=who.birth_date, gender=who.gender,
            ward=_plain(stay.location), bed=_plain(stay.bed), discharge_at=_moment(stay.planned_end or stay.end),
        )  # fmt: skip
    return _put(connection, source, stay, patient=patient, name=_plain(who.name) if who else None, cause=cause, now=now)


def _identifier(one: Arrival, system: str) -> tuple[str | None, str | None]:
    """The number by which the patient's lists can be asked for, or why there is none."""
    if one.patient is None:
        return None, one.why or "the stay names no patient"
    if one.patient.replaced_by:
        return None, "its Patient was replaced by another Patient"
    numbers = _numbers(one.patient, system)
    if len(numbers) == 1:
        try:
            return checked_identifier(numbers[0], system), None
        except InputError:
            return None, "the patient's identifier cannot be one"
    what = "NHS number" if system == SYSTEM else "identifier of this site's system"
    return None, one.why or (f"the patient has several {what}s" if numbers else f"the patient has no {what}")


def _numbers(who: PatientIdentity, system: str) -> list[str]:
    if system == SYSTEM:
        return [who.nhs_number] if who.nhs_number else []
    return sorted({i.code for i in who.identifiers if i.system == system and i.code})


def _put(
    connection: Connection,
    source: str,
    stay: Encounter,
    *,
    patient: str | None,
    name: str | None,
    cause: str | None,
    now: dt.datetime,
) -> tuple[Kept, Act | None]:
    encounter = stay.id.rpartition("/")[2]
    query = select(_STAYS).where(_STAYS.c.source == source, _STAYS.c.encounter == encounter).with_for_update()
    there = connection.execute(query).first()
    over = stay.status not in UNDER_WAY
    if over and there is None:
        return Kept.OVER, None
    said = {
        "patient": patient,
        "name": name,
        "cause": cause,
        "status": _plain(stay.status) or "not said",
        "ward": _plain(stay.location),
        "bed": _plain(stay.bed),
        "admitted_at": _moment(stay.start),
        "discharge_at": _moment(stay.planned_end or stay.end),
        "ended_at": None,
    }
    if there is None:
        made = new_id()
        connection.execute(insert(_STAYS), [{"id": made, "source": source, "encounter": encounter, **said}])
        kind = "stay.begun" if patient else "stay.set-aside"
        return (Kept.NEW if patient else Kept.SET_ASIDE), Act(kind=kind, subject=made, reason=cause)
    if over:
        # Whose stay it was, where and since when does not change by its end.
        said = {f: getattr(there, f) for f in _TELLING} | {"status": said["status"]}
        said["ended_at"] = there.ended_at or _moment(stay.end) or now.isoformat()
    elif there.patient is not None and patient == there.patient:
        said["name"] = there.name
    changed = sorted(f for f in _TELLING if getattr(there, f) != said[f])
    if not changed:
        return (Kept.SET_ASIDE if there.cause and not over else Kept.UNCHANGED), None
    connection.execute(update(_STAYS).where(_STAYS.c.id == there.id).values(**{f: said[f] for f in changed}))
    ended = over and there.ended_at is None
    kind = "stay.ended" if ended else "stay.set-aside" if cause and not over else "stay.changed"
    act = Act(kind=kind, subject=there.id, reason=cause, payload={"changed": changed})
    return {"stay.ended": Kept.ENDED, "stay.set-aside": Kept.SET_ASIDE}.get(kind, Kept.CHANGED), act


def _plain(text: str | None) -> str | None:
    """Without control characters (PostgreSQL takes no NUL), in one line."""
    if text is None:
        return None
    return "".join(c if c.isprintable() else " " for c in text).strip()[:_LONGEST] or None


def _moment(text: str | None) -> str | None:
    """A moment in UTC, or a day where there is no hour and zone; None for what is neither."""
    if not text:
        return None
    try:
        found = dt.datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(dt.UTC).isoformat()
        return found.date().isoformat()
    except (ValueError, OverflowError):
        return None
