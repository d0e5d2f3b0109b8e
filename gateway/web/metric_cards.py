"""Metric cards: number, change in words, weekly bars with the goal; detail, table, CSV and print of each."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.metric_cards_page import card_csv, card_page, cards_of, cards_page
from gateway.records.card import CardFigures, MetricCard, Point
from gateway.web.asked import asked, house_of

router = APIRouter()

#: What the columns of counted facts are called on the page.
COLUMN_WORDS = {
    "ward": "ward", "source": "source", "cause": "cause", "role": "role", "kind": "kind of step", "reason": "reason",
    "field": "audit field", "pack": "audit", "entries": "why", "system": "system", "staff_group": "staff group",
    "band": "band", "proposed": "origin", "week": "week",
}  # fmt: skip


class Bar(NamedTuple):
    """A bar of a chart 100 high: where it stands, how high it is, and its figure in words."""

    label: str
    height: float
    words: str
    going_on: bool
    met: bool | None


class Drawn(NamedTuple):
    figures: CardFigures
    number: str
    goal: str
    bars: tuple[Bar, ...]
    goal_at: float | None


@router.get("/labour/cards")
async def page(request: Request) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        cards_page, house.database, cards_of(house.settings.metric_cards), by=one.person, now=house.now()
    )
    rendered: Response = request.app.state.renderer.page(
        "metric_cards.html", one, cards=[drawn(x) for x in found], words=in_words
    )
    return rendered


@router.get("/labour/cards/{metric}")
async def detail(request: Request, metric: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        card_page, house.database, cards_of(house.settings.metric_cards), metric=metric, by=one.person, now=house.now()
    )
    rendered: Response = request.app.state.renderer.page(
        "metric_card.html", one, card=drawn(found), words=in_words, columns=COLUMN_WORDS
    )
    return rendered


@router.get("/labour/cards/{metric}/csv")
async def as_csv(request: Request, metric: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        card_page, house.database, cards_of(house.settings.metric_cards), metric=metric, by=one.person, now=house.now()
    )
    headers = {"Content-Disposition": f'attachment; filename="{found.card.metric}.csv"'}
    return Response(card_csv(found), media_type="text/csv; charset=utf-8", headers=headers)


def drawn(found: CardFigures) -> Drawn:
    card = found.card
    values = [p.value for p in found.weeks if p.value is not None]
    goal = card.target.value if card.target else None
    top = max([*values, goal or 0.0, 1.0 if card.unit == "share" and not values else 0.0]) or 1.0
    last = len(found.weeks) - 1
    bars = tuple(
        Bar(p.label, 100 * (p.value or 0.0) / top, in_words(card, p), n == last, p.met)
        for n, p in enumerate(found.weeks)
    )
    words = ""
    if card.target:
        way = "at least" if card.target.direction == "at-least" else "at most"
        words = f"Goal: {way} {_value(card, card.target.value)}"
    return Drawn(found, in_words(card, found.whole), words, bars, None if goal is None else 100 * goal / top)


def in_words(card: MetricCard, point: Point) -> str:
    """A figure as it is read: "72 % of 50", "fewer than five: not shown", "nothing yet"."""
    if point.suppressed:
        return "fewer than five: not shown"
    if point.value is None:
        return "nothing yet"
    value = _value(card, point.value)
    return f"{value} of {point.n:,}" if card.unit == "share" else value


def _value(card: MetricCard, value: float) -> str:
    if card.unit == "share":
        return f"{round(100 * value)} %"
    if card.unit == "minutes":
        return f"{value:,.1f}".removesuffix(".0") + " min"
    return f"{value:,.0f}"
