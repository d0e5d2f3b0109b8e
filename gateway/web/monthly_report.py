"""The monthly report from ward to board: a page to print, and CSV."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.metric_cards_page import cards_of
from gateway.actions.monthly_report import report_csv, report_of
from gateway.web.asked import asked, house_of
from gateway.web.metric_cards import in_words

router = APIRouter()


@router.get("/labour/report")
async def page(request: Request, month: str = "") -> Response:
    one = await asked(request)
    house = house_of(request)
    cards = cards_of(house.settings.metric_cards)
    found = await asyncio.to_thread(report_of, house.database, cards, month=month, by=one.person, now=house.now())
    rendered: Response = request.app.state.renderer.page("monthly_report.html", one, report=found, words=in_words)
    return rendered


@router.get("/labour/report/csv")
async def as_csv(request: Request, month: str = "") -> Response:
    one = await asked(request)
    house = house_of(request)
    cards = cards_of(house.settings.metric_cards)
    found = await asyncio.to_thread(report_of, house.database, cards, month=month, by=one.person, now=house.now())
    headers = {"Content-Disposition": f'attachment; filename="monthly-report-{found.month}.csv"'}
    return Response(report_csv(found), media_type="text/csv; charset=utf-8", headers=headers)
