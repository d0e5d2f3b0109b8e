"""`/metrics` for Prometheus: how the organisations answer. Counts, times and names of sources; nothing of patients.

It needs no sign-in, so that a scraper can read it; keep it inside the house as `gateway serve` is.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from fastapi import APIRouter, Request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.responses import Response

from gateway.actions.sources_page import SourceLine, sources_page
from gateway.actions.verify_ledger import ledger_head
from gateway.web.asked import house_of

router = APIRouter()

_STATES = ("complete", "partial", "withheld", "failed")
_BREAKER = {"closed": 0, "trying": 1, "open": 2}


class _Figures(Collector):
    def __init__(self, lines: tuple[SourceLine, ...], ledger_rows: int) -> None:
        self._lines, self._rows = lines, ledger_rows

    def collect(self) -> Iterator[GaugeMetricFamily]:
        answers = GaugeMetricFamily(
            "gateway_source_answers_last_day", "Fetches of the last 24 hours by list state.", labels=["source", "state"]
        )
        for line in self._lines:
            for state in _STATES:
                answers.add_metric([line.source.name, state], line.answers.get(state, 0))
        yield answers
        yield self._gauge("gateway_source_seconds_median", "Median time of an answer in the last 24 hours.", "median")
        yield self._gauge("gateway_source_seconds_p95", "95th percentile of that time.", "p95")
        affected = GaugeMetricFamily(
            "gateway_source_reviews_without_complete_list",
            "Open reviews without a complete list from it.",
            labels=["source"],
        )
        breaker = GaugeMetricFamily(
            "gateway_source_breaker", "Circuit breaker: 0 closed, 1 trying, 2 open.", labels=["source"]
        )
        for line in self._lines:
            affected.add_metric([line.source.name], line.affected)
            breaker.add_metric([line.source.name], _BREAKER[line.breaker])
        yield affected
        yield breaker
        yield GaugeMetricFamily("gateway_ledger_rows", "Rows of the ledger.", value=self._rows)

    def _gauge(self, name: str, words: str, field: str) -> GaugeMetricFamily:
        family = GaugeMetricFamily(name, words, labels=["source"])
        for line in self._lines:
            milliseconds = getattr(line, field)
            if milliseconds is not None:
                family.add_metric([line.source.name], milliseconds / 1000)
        return family


@router.get("/metrics")
async def metrics(request: Request) -> Response:
    house = house_of(request)
    lines = await asyncio.to_thread(
        sources_page, house.database, by=None, now=house.now(), box=house.box, connections=house.connections
    )
    head = await asyncio.to_thread(ledger_head, house.database)
    registry = CollectorRegistry()
    registry.register(_Figures(lines, head[0]))
    return Response(generate_latest(registry), media_type="text/plain; version=0.0.4; charset=utf-8")
