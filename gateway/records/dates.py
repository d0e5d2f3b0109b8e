"""Days of FHIR dates."""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def last_day(text: str | None) -> dt.date | None:
    """The last day that a FHIR date or dateTime covers: 2024-02 is 29 February 2024. None where it is no date."""
    if not text:
        return None
    try:
        if len(text) == 4:
            return dt.date(int(text), 12, 31)
        if len(text) == 7:
            year, month = int(text[:4]), int(text[5:])
            return dt.date(year, month, calendar.monthrange(year, month)[1])
        if len(text) == 10:
            return dt.date.fromisoformat(text)
        return _day_of_moment(text)
    except (ValueError, OverflowError):
        return None


def first_day(text: str | None) -> dt.date | None:
    """The first day that it covers: 2024-02 is 1 February 2024. None where it is no date."""
    last = last_day(text)
    if last is None or text is None or len(text) >= 10:
        return last
    return last.replace(day=1) if len(text) == 7 else last.replace(month=1, day=1)


def _day_of_moment(text: str) -> dt.date:
    head, _, fraction = text.partition(".")
    zone = fraction.lstrip("0123456789") if fraction else ""
    moment = dt.datetime.fromisoformat(head + zone)
    return moment.astimezone(LONDON).date() if moment.tzinfo else moment.date()
