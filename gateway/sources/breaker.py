"""A source that fails again and again is left alone for a while, so that nobody waits for it; its state can be seen.

An open breaker is a failed list with this as its cause, never a missing one.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from enum import StrEnum

from gateway.sources.problem import SourceProblem

#: This many fetches in a row without any answer open it.
FAILURES = 5
#: It stays open this long, then one fetch may try.
REST = dt.timedelta(seconds=30)


class BreakerState(StrEnum):
    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


class Breaker:
    """Counts fetches in which the source gave no answer at all, or none but that it failed.

    Fetches and not calls, because one patient whose record breaks a server must not cost all others theirs.
    """

    def __init__(self, now: Callable[[], dt.datetime], failures: int = FAILURES, rest: dt.timedelta = REST) -> None:
        self._now, self._most, self._rest = now, failures, rest
        self._failures = 0
        self._open_until: dt.datetime | None = None
        self._trying = False

    @property
    def state(self) -> BreakerState:
        if self._open_until is None:
            return BreakerState.CLOSED
        return BreakerState.TRYING if self._trying or self._now() >= self._open_until else BreakerState.OPEN

    @property
    def open_until(self) -> dt.datetime | None:
        """When the next fetch may try; None where fetches go out."""
        return self._open_until

    def enter(self) -> None:
        """Before a fetch. Raises SourceProblem while the source is left alone."""
        if self._open_until is None:
            return
        if self._trying or self._now() < self._open_until:
            raise SourceProblem(
                f"it failed {self._failures} times in a row; it is left alone for {self._rest.total_seconds():g} s"
            )
        self._trying = True

    def worked(self) -> None:
        self._failures, self._open_until, self._trying = 0, None, False

    def failed(self) -> None:
        self._failures += 1
        self._trying = False
        if self._failures >= self._most:
            self._open_until = self._now() + self._rest
