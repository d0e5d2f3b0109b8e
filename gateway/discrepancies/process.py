"""Process flags: reconciled within 24 hours of admission, by the practice within a week, by the pharmacy in 72 hours.

A day without a time is taken as the whole day: late is said only where it is late from the day's end on, in time only
where it is in time from its beginning on.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from gateway.discrepancies.clinical_knowledge import ProcessLimit, ProcessLimits
from gateway.records.discrepancy import NotEvaluated
from gateway.records.lists import Encounter, MedicineList
from gateway.records.process import ProcessFlag, ProcessState, ProcessTimes

LONDON = ZoneInfo("Europe/London")

#: From and until when something may have happened.
Span = tuple[dt.datetime, dt.datetime]

_NOT_A_STAY = frozenset({"planned", "cancelled", "entered-in-error"})
_OVER = frozenset({"finished", "completed", "discharged"})
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def process_flags(
    lists: Sequence[MedicineList], times: ProcessTimes, known: ProcessLimits
) -> tuple[tuple[ProcessFlag, ...], tuple[NotEvaluated, ...]]:
    """What could be judged, in the order of the knowledge, and what could not, with the cause."""
    stay = _last_stay(lists, known)
    judged, not_judged = [], []
    for limit in known.flags:
        found = _judge(limit, stay, times)
        if isinstance(found, ProcessFlag):
            judged.append(found)
        else:
            not_judged.append(NotEvaluated(limit.id, found))
    return tuple(judged), tuple(not_judged)


def _judge(limit: ProcessLimit, stay: Encounter | None, times: ProcessTimes) -> ProcessFlag | str:
    if stay is None:
        return "no list sent a hospital stay (Encounter)"
    begun = _span(stay.start if limit.since == "admission" else _discharged(stay))
    if begun is None:
        return f"the hospital stay bears no time of {limit.since}"
    done: dt.datetime | None = getattr(times, limit.done)
    moment = done or times.now
    if moment is None:
        return f"nobody said when {limit.task}"
    hours = dt.timedelta(hours=limit.hours)
    first, last = begun[0] + hours, begun[1] + hours
    if moment > last:
        state = ProcessState.LATE
    elif moment <= first:
        state = ProcessState.IN_TIME if done else ProcessState.OPEN
    else:
        return f"the record gives only the day of {limit.since}, so the hours cannot be told"
    return ProcessFlag(
        flag=limit.id,
        state=state,
        message=_message(limit, state, last, done),
        due=last.isoformat(timespec="minutes"),
        done=done.isoformat(timespec="minutes") if done else None,
        evidence=(f"{stay.id}#{'start' if limit.since == 'admission' else 'end'}",),
        source=limit.source,
    )


def _message(limit: ProcessLimit, state: ProcessState, due: dt.datetime, done: dt.datetime | None) -> str:
    until = f"due {_time(due)}, {limit.hours} hours after {limit.since}"
    if done is not None:
        late = "too late" if state is ProcessState.LATE else "in time"
        return f"It is recorded that {limit.task} at {_time(done)}: {late} ({until})."
    return (
        f"It is not recorded that {limit.task} ({until}{', which has passed' if state is ProcessState.LATE else ''})."
    )


def _time(moment: dt.datetime) -> str:
    return moment.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")


def _last_stay(lists: Sequence[MedicineList], known: ProcessLimits) -> Encounter | None:
    stays = [
        e
        for one in lists
        for e in one.written.encounters
        if e.class_code in known.stay_classes and e.status not in _NOT_A_STAY
    ]
    dated = [(span[0], e.id, e) for e in stays if (span := _span(e.start))]
    if dated:
        return max(dated, key=lambda d: d[:2])[2]
    return max(stays, key=lambda e: e.id, default=None)


def _discharged(stay: Encounter) -> str | None:
    """The end of a stay that goes on is only planned."""
    return stay.end if stay.status in _OVER else None


def _span(text: str | None) -> Span | None:
    """A moment, or a whole day in London; None for anything shorter, and where it is no date."""
    if not text or not _DAY.match(text):
        return None
    try:
        if len(text) == 10:
            start = dt.datetime.combine(dt.date.fromisoformat(text), dt.time(), LONDON)
            return start, start + dt.timedelta(days=1)
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=LONDON)
    return moment, moment
