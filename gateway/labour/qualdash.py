"""Read a QualDash metric specification (MSS), with a warning at its trap; written from facts about the format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec import Struct

from gateway.labour.card_files import BadCard
from gateway.records.card import Where


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
    said = given.get("operator")
    if said not in (None, "AND", "OR"):
        raise BadCard(f"{place}.operator: AND or OR is wanted")
    operator: Literal["AND", "OR"] | None = said
    warnings = []
    if len(columns) > 1 and operator is None:
        first = next(iter(columns))
        warnings.append(
            f"{place}: no operator for {len(columns)} columns: QualDash applies only {first!r}, here all must hold"
        )
        operator = "AND"
    return Where(where=columns, operator=operator), warnings
