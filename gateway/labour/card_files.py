"""Read metric cards from their JSON files; a bad one is refused with the file and the place named."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec

from gateway.records.card import MetricCard, Where
from gateway.records.labour import FACTS
from gateway.settings import mappings_dir, read_once


class BadCard(ValueError):
    """`str()` names the file and the place in it."""


@read_once
def metric_cards() -> tuple[MetricCard, ...]:
    """The cards that are shipped, in their order. Raises BadCard."""
    return read_cards(mappings_dir() / "metric_cards" / "cards")


def read_cards(folder: Path) -> tuple[MetricCard, ...]:
    """Every *.json of a folder is one card; raises BadCard for one that is not, or for two of one name."""
    cards: dict[str, MetricCard] = {}
    for path in sorted(folder.glob("*.json")):
        card = read_card(path.read_bytes(), path.name)
        if card.metric in cards:
            raise BadCard(f"{path.name}: metric: {card.metric!r} is the name of another card")
        cards[card.metric] = card
    return tuple(sorted(cards.values(), key=lambda card: (card.order, card.metric)))


def read_card(content: bytes, name: str) -> MetricCard:
    """Raises BadCard."""
    try:
        card = msgspec.json.decode(content, type=MetricCard)
    except msgspec.ValidationError as error:
        raise BadCard(f"{name}: {error}") from None
    except msgspec.DecodeError as error:
        raise BadCard(f"{name}: not JSON: {error}") from None
    _check(card, name)
    return card


def _check(card: MetricCard, name: str) -> None:
    if card.table not in FACTS:
        raise BadCard(f"{name}: table: {card.table!r} is none of {', '.join(FACTS)}")
    columns = FACTS[card.table]._fields
    for place, named, operator in _named_columns(card):
        for column in named:
            if column not in columns:
                raise BadCard(f"{name}: {place}: {column!r} is no column of {card.table}: {', '.join(columns)}")
        if len(named) > 1 and operator == "":
            raise BadCard(f"{name}: {place}.operator: say AND or OR, since several columns are named")
    if (card.aggregate == "share") != (card.unit == "share"):
        raise BadCard(f"{name}: unit: a share, and only a share, has the unit share")
    if (card.aggregate in ("median", "sum")) != (card.unit == "minutes"):
        raise BadCard(f"{name}: unit: a time, and only a time, has the unit minutes")
    if card.suppress_below < 5:
        raise BadCard(f"{name}: suppressBelow: fewer than 5 can be traced to a person")


def _named_columns(card: MetricCard) -> Iterator[tuple[str, tuple[str, ...], str]]:
    """Every place of a card that names columns, with how it joins them; the operator of a plain list is "-"."""
    filters = {"numerator": card.numerator, "denominator": card.denominator, "missing": card.missing or Where()}
    filters |= {f"exclusions[{n}].filter": one.filter for n, one in enumerate(card.exclusions)}
    for place, one in filters.items():
        yield place, tuple(one.where), one.operator or ""
    yield "by", card.by, "-"
    yield "originSplit", ("proposed",) if card.origin_split else (), "-"
