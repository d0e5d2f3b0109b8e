"""The metric cards with what they say now, from the counted facts of the last weeks."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Sequence
from pathlib import Path

from gateway.actions.access import Person, require
from gateway.actions.labour_page import labour_cube
from gateway.errors import NotFound, SettingsError
from gateway.labour.card_files import BadCard, metric_cards, read_cards
from gateway.labour.cards import evaluate
from gateway.records.card import CardFigures, MetricCard, Point
from gateway.store.database import Database

#: Weeks that a card draws, the one that is going on among them.
WEEKS = 9


def cards_of(folder: Path | None) -> tuple[MetricCard, ...]:
    """The shipped cards and the site's; the site's takes the place of one with its name. Raises SettingsError."""
    cards = {card.metric: card for card in metric_cards()}
    if folder is not None:
        try:
            cards |= {card.metric: card for card in read_cards(folder)}
        except BadCard as error:
            raise SettingsError(f"GATEWAY_METRIC_CARDS: {error}") from None
    return tuple(sorted(cards.values(), key=lambda card: (card.order, card.metric)))


def cards_page(
    database: Database, cards: Sequence[MetricCard], *, by: Person, now: dt.datetime
) -> tuple[CardFigures, ...]:
    require(by, "labour.see")
    weeks = mondays(now, WEEKS)
    cube, _ = labour_cube(database, since=weeks[0])
    return tuple(evaluate(card, cube, weeks) for card in cards)


def card_page(
    database: Database, cards: Sequence[MetricCard], *, metric: str, by: Person, now: dt.datetime
) -> CardFigures:
    """Raises NotFound."""
    require(by, "labour.see")
    wanted = [card for card in cards if card.metric == metric]
    if not wanted:
        raise NotFound("There is no such card.")
    (found,) = cards_page(database, wanted, by=by, now=now)
    return found


def mondays(now: dt.datetime, count: int) -> tuple[str, ...]:
    """The Mondays of the last `count` weeks as ISO dates, oldest first."""
    monday = now.date() - dt.timedelta(days=now.weekday())
    return tuple((monday - dt.timedelta(weeks=n)).isoformat() for n in reversed(range(count)))


def card_csv(found: CardFigures) -> str:
    """All that the card draws, with what it was made of; a suppressed cell is empty and says so."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("metric", "broken down by", "group", "value", "unit", "part", "of", "low", "high", "suppressed"))
    lines = [("", found.whole), *(("week", point) for point in found.weeks)]
    lines += [(column, point) for column, points in found.groups.items() for point in points]
    writer.writerows(_line(found.card, column, point) for column, point in lines)
    return text.getvalue()


def _line(card: MetricCard, column: str, point: Point) -> tuple[object, ...]:
    group = f"'{point.label}" if point.label.startswith(("=", "+", "-", "@")) else point.label
    shown = ("", "", "") if point.suppressed else (point.value, point.part, point.n)
    value, part, n = ("" if x is None else x for x in shown)
    low, high = ("" if x is None else x for x in (point.low, point.high))
    return card.metric, column, group, value, card.unit, part, n, low, high, "yes" if point.suppressed else "no"
