"""How one figure is made of counted cells: shares with Wilson's interval, times with a bootstrap, counts as they are.

A share or a time of fewer than `MINIMUM_CELL` is suppressed and says so.
"""

from __future__ import annotations

from collections import Counter

from gateway.labour.intervals import MINIMUM_CELL, wilson
from gateway.labour.spread import median_interval, quantile
from gateway.records.labour import LabourMeasure

Group = tuple[tuple[str, str], ...]


def share(name: str, label: str, part: int, n: int, group: Group = (), source: str = "") -> LabourMeasure:
    """`part` of `n`, 0 to 1, with a 95 % interval."""
    low, high = wilson(part, n)
    hidden = n < MINIMUM_CELL
    return LabourMeasure(
        name=name, label=label, unit="share", value=None if hidden else part / n, n=n, low=None if hidden else low,
        high=None if hidden else high, group=group, suppressed=hidden, source=source,
    )  # fmt: skip


def count(
    name: str, label: str, n: int, group: Group = (), source: str = "", *, of_people: bool = True
) -> LabourMeasure:
    """A count; of what people did it is not shown below the minimum, of what sources did however small."""
    hidden = of_people and n < MINIMUM_CELL
    return LabourMeasure(
        name=name, label=label, unit="count", value=None if hidden else float(n), n=n, group=group, suppressed=hidden,
        source=source,
    )  # fmt: skip


def seconds_at(
    name: str, label: str, histogram: Counter[int], quantile_: float, group: Group = (), source: str = ""
) -> LabourMeasure:
    """A quantile of times in seconds; the median has a 95 % interval."""
    n = histogram.total()
    hidden = n < MINIMUM_CELL
    low, high = median_interval(histogram) if quantile_ == 0.5 and not hidden else (None, None)
    return LabourMeasure(
        name=name, label=label, unit="seconds", value=None if hidden else quantile(histogram, quantile_), n=n, low=low,
        high=high, group=group, suppressed=hidden, source=source,
    )  # fmt: skip


def amount(
    name: str, label: str, value: float, n: int, group: Group = (), source: str = "", unit: str = "seconds"
) -> LabourMeasure:
    """A sum or a mean over `n` things; not shown for fewer than the minimum."""
    hidden = n < MINIMUM_CELL
    return LabourMeasure(
        name=name, label=label, unit=unit, value=None if hidden else value, n=n, group=group, suppressed=hidden,
        source=source,
    )  # fmt: skip
