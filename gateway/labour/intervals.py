"""Intervals for figures: Wilson's for shares; nothing is shown for fewer than `MINIMUM_CELL` observations."""

from __future__ import annotations

from math import sqrt

#: Smallest group for which a share or a time is shown, so that no figure can be traced to one person.
MINIMUM_CELL = 5

_Z95 = 1.959963984540054


def wilson(successes: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (E. B. Wilson 1927), 0 to 1; (0, 1) where n is 0."""
    if n == 0:
        return 0.0, 1.0
    p, z2 = successes / n, _Z95**2
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n)) / (1 + z2 / n)
    return max(0.0, middle - half), min(1.0, middle + half)
