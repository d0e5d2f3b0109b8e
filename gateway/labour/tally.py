"""Sums over ledger rows that can be merged: two halves of a ledger give the same figures as the whole.

There is no key for a person here, only role, kind of act and reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from gateway.records.ledger import LedgerEntry

#: (kind, role, reason)
Cell = tuple[str, str, str]


class Tally:
    """Counts per cell, and a histogram of whole seconds per (kind, role), from which every median can be read."""

    def __init__(self) -> None:
        self.acts: Counter[Cell] = Counter()
        self.seconds: dict[tuple[str, str], Counter[int]] = {}
        self.abstained: Counter[str] = Counter()
        self.timing: Counter[str] = Counter()

    def add(self, entry: LedgerEntry) -> None:
        act = entry.act
        self.acts[(act.kind, act.role, act.reason or "")] += 1
        if act.kind == "answer.abstained":
            self.abstained[act.reason or "not stated"] += 1
        if act.seconds is not None and act.role != "gateway":
            self.seconds.setdefault((act.kind, act.role), Counter())[round(act.seconds)] += 1
            self.timing[act.timing or "not stated"] += 1

    def merge(self, other: Tally) -> None:
        self.acts += other.acts
        self.abstained += other.abstained
        self.timing += other.timing
        for key, histogram in other.seconds.items():
            self.seconds.setdefault(key, Counter()).update(histogram)

    def count(self, kind: str, role: str | None = None) -> int:
        return sum(n for (k, r, _), n in self.acts.items() if k == kind and role in (None, r))

    def roles(self) -> list[str]:
        return sorted({role for _, role, _ in self.acts if role != "gateway"})


def tally(entries: Iterable[LedgerEntry]) -> Tally:
    found = Tally()
    for entry in entries:
        found.add(entry)
    return found


def median(histogram: Counter[int]) -> float:
    """Median of a histogram of whole seconds; 0 where it is empty."""
    values, n = sorted(histogram.items()), histogram.total()
    if not n:
        return 0.0
    low, high, seen = None, 0, 0
    for value, times in values:
        seen += times
        if low is None and seen >= (n + 1) // 2:
            low = value
        if seen >= n // 2 + 1:
            high = value
            break
    return ((low or 0) + high) / 2
