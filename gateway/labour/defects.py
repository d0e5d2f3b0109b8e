"""Overrides and manual work, grouped by the source whose records caused them, and by cause."""

from __future__ import annotations

from collections import Counter

from msgspec import Struct

from gateway.labour.cube import Cube
from gateway.labour.intervals import MINIMUM_CELL
from gateway.labour.spread import total
from gateway.records.labour import DefectFact


class CausedWork(Struct, frozen=True, kw_only=True):
    """`acts` of one cause; `seconds` of those `timed`, None where they are fewer than the minimum."""

    cause: str
    acts: int
    timed: int
    seconds: int | None


class SourceDefects(Struct, frozen=True, kw_only=True):
    """One source, its causes with the most acts first. `source` is empty where no source could be named."""

    source: str
    acts: int
    seconds: int | None
    causes: tuple[CausedWork, ...]


def defects_by_source(cube: Cube) -> tuple[SourceDefects, ...]:
    """Sources with the most work first. Acts of a source are no figure about people, so they are shown however few."""
    acts: dict[str, Counter[str]] = {}
    times: dict[str, dict[str, Counter[int]]] = {}
    for fact, cell in cube.select("defect"):
        assert isinstance(fact, DefectFact)
        acts.setdefault(fact.source, Counter())[fact.cause] += cell.n
        times.setdefault(fact.source, {}).setdefault(fact.cause, Counter()).update(cell.seconds)
    found = [_source(source, counted, times[source]) for source, counted in acts.items()]
    return tuple(sorted(found, key=lambda one: (-one.acts, one.source)))


def _source(source: str, acts: Counter[str], times: dict[str, Counter[int]]) -> SourceDefects:
    causes = [
        CausedWork(cause=cause, acts=n, timed=times[cause].total(), seconds=_seconds(times[cause]))
        for cause, n in sorted(acts.items(), key=lambda one: (-one[1], one[0]))
    ]
    whole: Counter[int] = Counter()
    for histogram in times.values():
        whole.update(histogram)
    return SourceDefects(source=source, acts=acts.total(), seconds=_seconds(whole), causes=tuple(causes))


def _seconds(histogram: Counter[int]) -> int | None:
    return total(histogram) if histogram.total() >= MINIMUM_CELL else None
