"""The access log, for the administrator: read, search and export. Who is searched for stands in no address."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.access_log import look_around
from gateway.actions.read_access_log import AccessFilter, AccessPage, export_access_log, read_access_log
from gateway.errors import InputError
from gateway.web.asked import BY_ITSELF, Asked, asked, house_of

router = APIRouter()

_EXPORTS = {
    "csv": ("text/csv; charset=utf-8", "access-log.csv"),
    "fhir": ("application/fhir+ndjson", "AuditEvent.ndjson"),
}


@router.get("/access-log")
async def newest(request: Request) -> Response:
    return await _page(await asked(request))


@router.post("/access-log")
async def search(request: Request) -> Response:
    return await _page(await asked(request))


@router.post("/access-log/export")
async def export(request: Request) -> Response:
    one = await asked(request)
    house, form = house_of(request), one.text("form")
    try:
        content = await asyncio.to_thread(
            export_access_log, house.database, house.settings, asked=_filter(one), form=form, by=one.person,
            now=house.now(),
        )  # fmt: skip
    except InputError as error:
        return _render(one, None, error)
    media_type, name = _EXPORTS[form]
    return Response(content, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def _filter(one: Asked) -> AccessFilter:
    return AccessFilter(nhs_number=one.text("nhs_number"), account=one.text("account"), day=one.text("day"))


async def _page(one: Asked) -> Response:
    house = house_of(one.request)
    page = one.text("page")
    try:
        found = await asyncio.to_thread(
            read_access_log, house.database, house.settings, asked=_filter(one),
            page=int(page) if page.isascii() and page.isdigit() and len(page) < 9 else 1, by=one.person,
            now=house.now(),
        )  # fmt: skip
    except InputError as error:
        return _render(one, None, error)
    return _render(one, found)


def _render(one: Asked, found: AccessPage | None, error: InputError | None = None) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "access_log.html",
        one,
        error.http_status if error else 200,
        found=found,
        asked_for=_filter(one),
        error=error.words if error else None,
    )
    return rendered


async def note_look(one: Asked, *, what: str, noted_as: str, nhs_number: str | None = None) -> None:
    """For pages that show more than one patient. Raises NotAllowed once it is noted."""
    house = house_of(one.request)
    await asyncio.to_thread(
        look_around, house.database, what=what, noted_as=noted_as, by=one.person, now=house.now(),
        nhs_number=nhs_number, by_itself=BY_ITSELF in one.request.headers,
    )  # fmt: skip
