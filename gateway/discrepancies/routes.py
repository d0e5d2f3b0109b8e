"""Entries that are given by one route; what is written without a route may be any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gateway.records.lists import MedicineEntry


def by_route(line: Sequence[MedicineEntry]) -> Iterator[list[MedicineEntry]]:
    """The line for each route in it, with the entries that name none."""
    routes = {e.route for e in line if e.route}
    if len(routes) < 2:
        yield list(line)
        return
    for route in sorted(routes):
        yield [e for e in line if e.route in {route, None}]
