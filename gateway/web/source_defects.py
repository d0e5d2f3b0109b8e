"""What each source's records cost, as a page, CSV and JSON for the source's owner."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.access import require
from gateway.actions.source_defects import DefectReport, defects_csv, defects_json, source_defects
from gateway.errors import NotFound
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()


@router.get("/labour/sources")
async def page(request: Request) -> Response:
    one = await asked(request)
    rendered: Response = request.app.state.renderer.page("source_defects.html", one, report=await _report(one))
    return rendered


@router.get("/labour/sources/{form}")
async def file(request: Request, form: str) -> Response:
    """`form` is csv or json."""
    one = await asked(request)
    require(one.person, "labour.see")
    if form not in ("csv", "json"):
        raise NotFound("There is no such page.")
    report = await _report(one)
    headers = {"Content-Disposition": f'attachment; filename="source-defects-{report.until}.{form}"'}
    if form == "csv":
        return Response(defects_csv(report), media_type="text/csv; charset=utf-8", headers=headers)
    return Response(defects_json(report), media_type="application/json", headers=headers)


async def _report(one: Asked) -> DefectReport:
    house = house_of(one.request)
    return await asyncio.to_thread(source_defects, house.database, by=one.person, now=house.now())
