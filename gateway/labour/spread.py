"""Figures of a histogram of whole seconds: quantiles, their intervals, sums below a threshold."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from math import ceil

_DRAWS = 1000


def quantile(histogram: Counter[int], share: float) -> float:
    """Smallest value that `share` of all are not above; the mean of both middle ones for an even median; 0 if empty."""
    n = histogram.total()
    if not n:
        return 0.0
    values = sorted(histogram.items())
    if share == 0.5:
        return (_ranked(values, (n + 1) // 2) + _ranked(values, n // 2 + 1)) / 2
    return float(_ranked(values, max(1, ceil(share * n))))


def _ranked(values: Sequence[tuple[int, int]], rank: int) -> int:
    seen = 0
    for value, times in values:
        seen += times
        if seen >= rank:
            return value
    raise IndexError(rank)


def median_interval(histogram: Counter[int], seed: int = 0) -> tuple[float, float]:
    """95 % percentile interval of the median from 1,000 bootstrap samples; seeded, so that it can be repeated.

    Resampling n values and sorting them is the same as n uniform numbers through the inverse of the histogram's
    distribution, and the middle one of n uniform numbers has a Beta distribution: one draw instead of n.
    """
    n = histogram.total()
    if not n:
        return 0.0, 0.0
    values, rng = sorted(histogram.items()), random.Random(seed)  # noqa: S311  # a statistic, not a secret
    low_rank = (n + 1) // 2
    medians = []
    for _ in range(_DRAWS):
        at = rng.betavariate(low_rank, n - low_rank + 1)
        middle = _ranked(values, _rank(at, n))
        if n % 2:
            medians.append(float(middle))
        else:
            above = at + (1 - at) * rng.betavariate(1, n - low_rank)
            medians.append((middle + _ranked(values, _rank(above, n))) / 2)
    medians.sort()
    return medians[int(0.025 * _DRAWS)], medians[int(0.975 * _DRAWS) - 1]


def _rank(uniform: float, n: int) -> int:
    return min(n, max(1, ceil(uniform * n)))


def total(histogram: Counter[int], at_most: int | None = None) -> int:
    """Sum of the values, of those not above `at_most` where it is given."""
    return sum(value * times for value, times in histogram.items() if at_most is None or value <= at_most)
