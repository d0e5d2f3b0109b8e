"""Whether steps around a hospital stay were done in time. Flags of the process, apart from findings about medicines."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from msgspec import Struct


class ProcessTimes(Struct, frozen=True, kw_only=True):
    """When it was done, with zone; None where nobody said. `now` is the moment of this look."""

    now: dt.datetime | None = None
    reconciled: dt.datetime | None = None
    gp_reconciled: dt.datetime | None = None
    pharmacy_stage_1: dt.datetime | None = None


class ProcessState(StrEnum):
    """`open`: not recorded as done, and there is time left. A flag that could not be judged is in `not_evaluated`."""

    LATE = "late"
    IN_TIME = "in-time"
    OPEN = "open"


class ProcessFlag(Struct, frozen=True, kw_only=True):
    """`message` is one sentence; `due` and `done` are ISO 8601; `evidence` points to `ENCOUNTER-ID#field`."""

    flag: str
    state: ProcessState
    message: str
    due: str
    done: str | None
    evidence: tuple[str, ...]
    source: str
