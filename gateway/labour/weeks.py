"""Weeks by their Monday."""

from __future__ import annotations

import datetime as dt
from functools import cache


def week_of(at: str) -> str:
    """The Monday of the week of a moment (ISO 8601, UTC), as a date."""
    return _monday(at[:10])


@cache
def _monday(day: str) -> str:
    date = dt.date.fromisoformat(day)
    return (date - dt.timedelta(days=date.weekday())).isoformat()
