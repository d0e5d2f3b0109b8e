"""Evaluate a metric card on counted facts: by week, by group, with its interval, goal and suppression."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from gateway.labour.cube import Cell, Cube
from gateway.labour.intervals import wilson
from gateway.labour.spread import median_interval, quantile, total
from gateway.records.card import CardFigures, MetricCard, Point, Where
from gateway.records.labour import Fact

Counted = Sequence[tuple[Fact, Cell]]


def evaluate(card: MetricCard, cube: Cube, weeks: Sequence[str]) -> CardFigures:
    """`weeks` are the Mondays to show, oldest first; the last may still be going on and is not compared."""
    rows = [(fact, cell) for fact, cell in cube.select(card.table) if fact.week in set(weeks)]
    excluded = tuple((one.words, sum(c.n for f, c in rows if holds(one.filter, f))) for one in card.exclusions)
    kept = [(f, c) for f, c in rows if not any(holds(one.filter, f) for one in card.exclusions)]
    if card.missing is not None and card.missing_policy == "exclude":
        kept = [(f, c) for f, c in kept if not holds(card.missing, f)]
    points = tuple(_point(card, week, [(f, c) for f, c in kept if f.week == week]) for week in weeks)
    columns = (*card.by, *(("proposed",) if card.origin_split else ()))
    groups = {column: _groups(card, kept, column) for column in columns}
    return CardFigures(
        card=card, whole=_point(card, "all", kept), weeks=points, groups=groups, excluded=excluded,
        change=change_in_words(card, points[:-1]),
    )  # fmt: skip


def holds(filter_: Where, fact: Fact) -> bool:
    """Whether a row is meant; every row where no column is named."""
    found = [getattr(fact, column) in values for column, values in filter_.where.items()]
    return any(found) if filter_.operator == "OR" else all(found)


def _groups(card: MetricCard, rows: Counted, column: str) -> tuple[Point, ...]:
    values = sorted({getattr(fact, column) for fact, _ in rows})
    return tuple(_point(card, value, [(f, c) for f, c in rows if getattr(f, column) == value]) for value in values)


def _point(card: MetricCard, label: str, rows: Counted) -> Point:
    numerator = [(f, c) for f, c in rows if holds(card.numerator, f)]
    part = sum(c.n for _, c in numerator)
    if card.aggregate == "share":
        failures = card.missing if card.missing_policy == "count-as-failure" else None
        n = sum(c.n for f, c in rows if holds(card.denominator, f) or (failures is not None and holds(failures, f)))
        value = part / n if n else None
        low, high = wilson(part, n) if n and card.ci == "wilson" else (None, None)
    elif card.aggregate == "count":
        n, value, low, high = part, float(part), None, None
    else:
        seconds = _histogram(numerator)
        n = seconds.total()
        value = (quantile(seconds, 0.5) if card.aggregate == "median" else total(seconds)) / 60 if n else None
        low, high = median_interval(seconds) if n and card.ci == "bootstrap" else (None, None)
        low, high = (None if low is None else low / 60), (None if high is None else high / 60)
    if 0 < n < card.suppress_below:
        return Point(label=label, value=None, part=0, n=0, suppressed=True)
    return Point(label=label, value=value, part=part, n=n, low=low, high=high, met=_met(card, value))


def _met(card: MetricCard, value: float | None) -> bool | None:
    if card.target is None or value is None:
        return None
    return value >= card.target.value if card.target.direction == "at-least" else value <= card.target.value


def _histogram(rows: Iterable[tuple[Fact, Cell]]) -> Counter[int]:
    found: Counter[int] = Counter()
    for _, cell in rows:
        found.update(cell.seconds)
    return found


def change_in_words(card: MetricCard, whole_weeks: Sequence[Point]) -> str:
    """The last whole week against the one before; nothing is said where either is suppressed or empty."""
    if len(whole_weeks) < 2:
        return "Not yet two whole weeks to compare."
    before, now = whole_weeks[-2:]
    if before.value is None or now.value is None:
        return "Too few in one of the last two weeks to compare."
    difference = now.value - before.value
    amount = _amount(card, abs(difference))
    if amount in ("0", "0 points", "0 min"):
        return "No change from the week before."
    direction = "more" if difference > 0 else "less"
    if card.target is None:
        return f"{amount} {direction} than the week before."
    better = (difference > 0) == (card.target.direction == "at-least")
    return f"{'Better' if better else 'Worse'}: {amount} {direction} than the week before."


def _amount(card: MetricCard, value: float) -> str:
    if card.unit == "share":
        return f"{round(100 * value)} points"
    if card.unit == "minutes":
        return f"{value:.1f}".removesuffix(".0") + " min"
    return f"{value:g}"
