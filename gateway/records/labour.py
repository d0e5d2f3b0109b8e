"""What the work costs: figures with their sample size, by role and reason, never by person."""

from __future__ import annotations

from msgspec import Struct


class LabourMeasure(Struct, frozen=True, kw_only=True):
    """One figure. `value` is None where `suppressed` (a cell under the minimum); `n` is its sample size.

    `unit` is share, seconds, minutes or count; `low` and `high` bound a 95 % interval where there is one.
    """

    name: str
    label: str
    unit: str
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    group: tuple[tuple[str, str], ...] = ()
    suppressed: bool = False
    source: str = ""
