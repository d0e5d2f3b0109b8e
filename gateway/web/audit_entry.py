"""Put a patient into an audit by hand, or all patients of a cohort file."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.audit_packs import audit_packs
from gateway.actions.enter_case import CohortLine, enter_patient, import_cohort
from gateway.errors import GatewayError, InputError, NotFound
from gateway.web.access_log import note_look
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()


@router.get("/audits/enter")
async def page(request: Request) -> Response:
    one = await asked(request)
    require(one.person, "audit.answer")
    return _page(one)


@router.post("/audits/enter")
async def by_hand(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="audit.answer", noted_as="audit.enter", nhs_number=one.text("nhs_number"))
    house = house_of(request)
    try:
        case = await asyncio.to_thread(
            enter_patient, house.database, pack=one.text("pack"), nhs_number=one.text("nhs_number"),
            why=one.text("why"), by=one.person, vocabulary=house.knowledge.vocabulary, now=house.now(),
            withheld_share=house.settings.audit_withheld_share,
        )  # fmt: skip
    except InputError as error:
        return _page(one, error=error, at="#nhs_number")
    return RedirectResponse(f"/audits/{case}", 303)


@router.post("/audits/cohort")
async def cohort(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="audit.answer", noted_as="audit.cohort")
    house = house_of(request)
    try:
        if not one.text("rows"):
            raise InputError("Paste the lines of the cohort, with their headers.")
        lines = await asyncio.to_thread(
            import_cohort, house.database, pack=one.text("cohort_pack"), content=one.text("rows").encode(),
            by=one.person, vocabulary=house.knowledge.vocabulary, now=house.now(),
            withheld_share=house.settings.audit_withheld_share,
        )  # fmt: skip
    except (InputError, NotFound) as error:
        return _page(one, error=error, at="#rows")
    return _page(one, lines=lines)


def _page(
    one: Asked, *, error: GatewayError | None = None, at: str = "", lines: tuple[CohortLine, ...] | None = None
) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "audit_enter.html",
        one,
        error.http_status if error else 200,
        packs=tuple(audit_packs().values()),
        error=error.words if error else None,
        at=at,
        lines=lines,
        given=one.form,
    )
    return rendered
