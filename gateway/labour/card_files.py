"""Read metric cards: our own JSON files, each refused with the place named; and QualDash's, with a warning at its trap."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.records.card import MetricCard, Where
from gateway.records.labour import FACTS
from gateway.settings import mappings_dir, read_once


class BadCard(ValueError):
    """`str()` names the file and the place in it."""


class MssSeries(Struct, frozen=True, kw_only=True):
    """One variable of a QualDash metric: how its column is summed up, over which rows."""

    variable: str
    aggregate: str
    filter: Where


class MssMetric(Struct, frozen=True, kw_only=True):
    """One metric of a QualDash specification (MSS), as far as it says what is counted; the rest is how it is drawn."""

    metric: str
    desc: str
    x: str
    series: tuple[MssSeries, ...]


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
    filters = {"numerator": card.numerator, "denominator": card.denominator}
    filters |= {f"exclusions[{n}].filter": one.filter for n, one in enumerate(card.exclusions)}
    if card.missing is not None:
        filters["missing"] = card.missing
    for place, one in filters.items():
        for column in one.where:
            if column not in columns:
                raise BadCard(f"{name}: {place}.where: {column!r} is no column of {card.table}: {', '.join(columns)}")
        if len(one.where) > 1 and one.operator is None:
            raise BadCard(f"{name}: {place}.operator: say AND or OR, since several columns are named")
    for column in card.by:
        if column not in columns:
            raise BadCard(f"{name}: by: {column!r} is no column of {card.table}: {', '.join(columns)}")
    if card.origin_split and "proposed" not in columns:
        raise BadCard(f"{name}: originSplit: {card.table} has no origin")
    if (card.aggregate == "share") != (card.unit == "share"):
        raise BadCard(f"{name}: unit: a share, and only a share, has the unit share")
    if (card.aggregate in ("median", "sum")) != (card.unit == "minutes"):
        raise BadCard(f"{name}: unit: a time, and only a time, has the unit minutes")
    if card.suppress_below < 5:
        raise BadCard(f"{name}: suppressBelow: fewer than 5 can be traced to a person")


def read_mss(content: bytes, name: str) -> tuple[tuple[MssMetric, ...], tuple[str, ...]]:
    """A QualDash specification and warnings about it. Raises BadCard where it is none.

    The trap: with several `where` columns and no `operator`, QualDash applies the first column alone, though its own
    comment says AND. It is read as AND, and the warning says that QualDash's figures differ.
    """
    try:
        document = msgspec.json.decode(content)
    except msgspec.DecodeError as error:
        raise BadCard(f"{name}: not JSON: {error}") from None
    metrics = document if isinstance(document, list) else [document]
    found, warnings = [], []
    for n, one in enumerate(metrics):
        if not isinstance(one, Mapping) or not isinstance(one.get("metric"), str):
            raise BadCard(f"{name}: [{n}].metric: a QualDash metric has a name")
        variables, aggregates = one.get("y"), one.get("yaggregates")
        variables = [variables] if isinstance(variables, str) else variables
        aggregates = [aggregates] if isinstance(aggregates, str) else aggregates
        if not isinstance(variables, list) or not all(isinstance(v, str) for v in variables):
            raise BadCard(f"{name}: [{n}].y: names of variables are wanted")
        if not isinstance(aggregates, list) or len(aggregates) != len(variables):
            raise BadCard(f"{name}: [{n}].yaggregates: one for each of the {len(variables)} variables of y is wanted")
        filters = one.get("yfilters") or {}
        if not isinstance(filters, Mapping):
            raise BadCard(f"{name}: [{n}].yfilters: an object is wanted")
        series = []
        for variable, aggregate in zip(variables, aggregates, strict=True):
            place = f"{name}: [{n}].yfilters.{variable}"
            where, warning = _mss_filter(filters.get(variable, "*"), place)
            warnings += warning
            series.append(MssSeries(variable=variable, aggregate=str(aggregate), filter=where))
        desc, x = one.get("desc"), one.get("x")
        found.append(MssMetric(metric=one["metric"], desc=str(desc or ""), x=str(x or ""), series=tuple(series)))
    return tuple(found), tuple(warnings)


def _mss_filter(given: object, place: str) -> tuple[Where, list[str]]:
    if given == "*":
        return Where(), []
    if not isinstance(given, Mapping):
        raise BadCard(f'{place}: an object or "*" is wanted')
    where = given.get("where", {})
    if where == "*":
        return Where(), []
    if not isinstance(where, Mapping):
        raise BadCard(f'{place}.where: an object or "*" is wanted')
    if "start" in where or "end" in where:
        raise BadCard(f"{place}.where: a range of dates cannot be read")
    columns = {
        str(column): tuple(str(v) for v in (values if isinstance(values, list) else [values]))
        for column, values in where.items()
    }
    operator = given.get("operator")
    if operator not in (None, "AND", "OR"):
        raise BadCard(f"{place}.operator: AND or OR is wanted")
    warnings = []
    if len(columns) > 1 and operator is None:
        first = next(iter(columns))
        warnings.append(
            f"{place}: {len(columns)} columns and no operator. QualDash applies only {first!r}; here all must hold (AND)."
        )
        operator = "AND"
    return Where(where=columns, operator=operator), warnings
