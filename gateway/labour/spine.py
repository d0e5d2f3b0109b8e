"""Wards, sources or audits beside each other on the same shares, with intervals: the data of a spine chart."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from gateway.labour.cards import evaluate
from gateway.labour.cube import Cube
from gateway.records.card import MetricCard, Point


class SpineLine(Struct, frozen=True, kw_only=True):
    """One measure: `whole` over all, `points` each place, `apart` those whose interval leaves `whole` out."""

    card: MetricCard
    whole: Point
    points: tuple[Point, ...]
    apart: frozenset[str]


def spine(cards: Sequence[MetricCard], cube: Cube, weeks: Sequence[str], by: str) -> tuple[SpineLine, ...]:
    """Every share with an interval that is broken down by `by`."""
    found = []
    for card in cards:
        if card.aggregate != "share" or card.ci != "wilson" or by not in card.by:
            continue
        figures = evaluate(card, cube, weeks)
        points = figures.groups[by]
        apart = frozenset(p.label for p in points if _leaves_out(p, figures.whole))
        found.append(SpineLine(card=card, whole=figures.whole, points=points, apart=apart))
    return tuple(found)


def _leaves_out(point: Point, whole: Point) -> bool:
    if point.low is None or point.high is None or whole.value is None:
        return False
    return not point.low <= whole.value <= point.high
