"""The ward board in words: time left until discharge, the clock since admission, how far a review is."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct


class Status(StrEnum):
    """How far a patient's review is. `LEFT`: the stay is over, and the review signed or never opened."""

    NOT_FETCHED = "not-fetched"
    NOT_STARTED = "not-started"
    IN_PROGRESS = "in-progress"
    WAITING = "waiting"
    READY = "ready"
    SIGNED = "signed"
    LEFT = "left"


STATUS_WORDS = {
    Status.NOT_FETCHED: "Lists not fetched",
    Status.NOT_STARTED: "Not started",
    Status.IN_PROGRESS: "In progress",
    Status.WAITING: "Waiting for the prescriber",
    Status.READY: "Ready to sign",
    Status.SIGNED: "Signed",
    Status.LEFT: "Left hospital",
}


class Spoken(Struct, frozen=True):
    """A time in words; `late` is also said in the words."""

    words: str
    late: bool = False


def status_of(*, state: str | None, left: bool, medicines: int, to_decide: int, waiting: int) -> Status:
    """`state` of the review, None without one; `waiting` counts undecided rows with a question to the prescriber."""
    if left and state != "open":
        return Status.LEFT
    if state is None:
        return Status.NOT_FETCHED
    if state == "signed":
        return Status.SIGNED
    if to_decide == 0:
        return Status.READY
    if waiting == to_decide:
        return Status.WAITING
    return Status.NOT_STARTED if to_decide == medicines and not waiting else Status.IN_PROGRESS


def time_left(discharge_at: str | None, now: dt.datetime) -> Spoken | None:
    """ "in 2 h 10 min", "20 min late"; None where no hour is known."""
    at = _moment(discharge_at)
    if at is None:
        return None
    if at < now:
        return Spoken(f"{span(now - at)} late", late=True)
    return Spoken(f"in {span(at - now)}")


def reconciliation_clock(admitted_at: str | None, signed_at: str | None, now: dt.datetime, hours: int) -> Spoken:
    """Whether `hours` from admission have gone by before the medicines were signed off."""
    at = _moment(admitted_at)
    if at is None:
        return Spoken("hour of admission not recorded")
    limit = dt.timedelta(hours=hours)
    done = _moment(signed_at)
    if done is not None:
        took = max(done - at, dt.timedelta())
        return Spoken(f"signed off {span(took)} after admission", late=took > limit)
    gone = now - at
    if gone <= limit:
        return Spoken(f"{span(limit - gone)} left of {hours} h")
    return Spoken(f"{hours} h passed {span(gone - limit)} ago, not signed off", late=True)


def span(length: dt.timedelta) -> str:
    """ "40 min", "2 h 10 min", "3 days 4 h"; under a minute is "less than 1 min"."""
    minutes = int(length.total_seconds()) // 60
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return f"{days} {'day' if days == 1 else 'days'}{f' {hours} h' if hours else ''}"
    if hours:
        return f"{hours} h{f' {rest} min' if rest else ''}"
    return f"{minutes} min" if minutes else "less than 1 min"


def _moment(text: str | None) -> dt.datetime | None:
    try:
        found = dt.datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else None
