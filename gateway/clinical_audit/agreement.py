"""How far two entries of the same field agree: the share that is equal, and Cohen's kappa."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from msgspec import Struct


class Agreement(Struct, frozen=True):
    """`share` and `kappa` are None without pairs; `kappa` also where chance alone would agree on all of them."""

    pairs: int
    equal: int
    share: float | None
    kappa: float | None


def agreement(pairs: Sequence[tuple[str, str]]) -> Agreement:
    """Of codes entered first and second; Cohen 1960, unweighted."""
    n = len(pairs)
    if not n:
        return Agreement(0, 0, None, None)
    equal = sum(first == second for first, second in pairs)
    firsts, seconds = Counter(first for first, _ in pairs), Counter(second for _, second in pairs)
    by_chance = sum(firsts[code] * seconds[code] for code in firsts)
    kappa = None if by_chance == n * n else (n * equal - by_chance) / (n * n - by_chance)
    return Agreement(n, equal, equal / n, kappa)
