"""Staffing by the method of the WHO (WISN), as a page with the site's own working time, and CSV."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.access import require
from gateway.actions.staffing import FIELDS, staffing_csv, staffing_page
from gateway.errors import UsageError
from gateway.web.asked import asked, house_of

router = APIRouter()


@router.get("/labour/staffing")
async def page(request: Request) -> Response:
    one = await asked(request)
    require(one.person, "labour.see")
    house, typed = house_of(request), dict(request.query_params)
    error = None
    try:
        found = await asyncio.to_thread(staffing_page, house.database, typed, by=one.person, now=house.now())
    except UsageError as wrong:
        error = wrong
        found = await asyncio.to_thread(staffing_page, house.database, {}, by=one.person, now=house.now())
    rendered: Response = request.app.state.renderer.page(
        "staffing.html",
        one,
        error.http_status if error else 200,
        found=found,
        fields=FIELDS,
        typed=typed if error else {},
        error=error.words if error else None,
        query=request.url.query if not error else "",
    )
    return rendered


@router.get("/labour/staffing/csv")
async def as_csv(request: Request) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        staffing_page, house.database, dict(request.query_params), by=one.person, now=house.now()
    )
    headers = {"Content-Disposition": 'attachment; filename="staffing.csv"'}
    return Response(staffing_csv(found), media_type="text/csv; charset=utf-8", headers=headers)
