"""The outcome of a review: the page with its three groups, two pages for paper, and one file per receiver and form."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import Response

from gateway.actions.outcome import FoundOutcome, printed_outcome, review_outcome
from gateway.actions.outcome_files import KINDS, outcome_file
from gateway.actions.send_outcome import sendings
from gateway.errors import Conflict
from gateway.records.outcome import ENDED, STARTED, Became
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

#: Address of each file behind the review's -> its kind.
FILES = {
    "document.json": "document",
    "gp.csv": "gp-csv",
    "gp.json": "gp-json",
    "dms.csv": "dms-csv",
    "dms.json": "dms-json",
}

#: What became of a medicine, in words.
BECAME = {
    Became.NEW: "New",
    Became.PERHAPS_NEW: "Not known whether new",
    Became.CHANGED: "Changed",
    Became.CONTINUED: "Continued",
    Became.STOPPED: "Stopped",
    Became.WITHHELD: "Withheld",
    Became.NOT_TAKING: "Not taking",
    Became.UNDECIDED: "NOT DECIDED",
}
_STARTED, _ENDED = tuple(sorted(STARTED)), (Became.STOPPED, Became.NOT_TAKING, Became.WITHHELD)


@router.get("/reviews/{review}/outcome")
async def outcome_page(request: Request, review: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(review_outcome, house.database, review=review, by=one.person, now=house.now())
    return await _outcome(one, found)


@router.get("/reviews/{review}/print")
async def list_for_paper(request: Request, review: str) -> Response:
    return await _paper(request, review, "list", "print_list.html")


@router.get("/reviews/{review}/patient-list")
async def list_for_patient(request: Request, review: str) -> Response:
    return await _paper(request, review, "patient-list", "patient_list.html")


async def _outcome(one: Asked, found: FoundOutcome, error: Conflict | None = None) -> Response:
    sent = await asyncio.to_thread(sendings, house_of(one.request).database, found.stored.id)
    status = error.http_status if error else 200
    return _page("outcome.html", one, found, status, sendings=sent, error=error.words if error else None)


async def _paper(request: Request, review: str, paper: str, template: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        printed_outcome, house.database, review=review, paper=paper, by=one.person, now=house.now()
    )
    return _page(template, one, found)


def _page(template: str, one: Asked, found: FoundOutcome, status: int = 200, **more: object) -> Response:
    outcome, house = found.outcome, house_of(one.request)
    groups = (
        ("New", outcome.of(*_STARTED)),
        ("Changed", outcome.of(Became.CHANGED)),
        ("Stopped, withheld or not taken", outcome.of(*_ENDED)),
    )
    rendered: Response = one.request.app.state.renderer.page(
        template,
        one,
        status,
        found=found,
        outcome=outcome,
        stored=found.stored,
        groups=groups,
        rest=(("Continued as before", outcome.of(Became.CONTINUED)), ("Not decided", outcome.of(Became.UNDECIDED))),
        taken=outcome.of(*_STARTED, Became.CHANGED, Became.CONTINUED),
        ended=outcome.of(*sorted(ENDED)),
        became=BECAME,
        files=[(path, KINDS[kind]) for path, kind in FILES.items()],
        contact=house.settings.discharge_contact,
        now=house.now().isoformat(),
        **more,
    )
    return rendered


async def _file(request: Request, review: str, path: str) -> Response:
    """The file; where it may not be had, the outcome page says why."""
    one = await asked(request)
    house = house_of(request)
    try:
        made = await asyncio.to_thread(
            outcome_file,
            house.database,
            review=review,
            kind=FILES[path],
            by=one.person,
            now=house.now(),
            contact=house.settings.discharge_contact,
            draft=True,
        )
    except Conflict as error:
        found = await asyncio.to_thread(review_outcome, house.database, review=review, by=one.person, now=house.now())
        return await _outcome(one, found, error)
    headers = {"Content-Disposition": f'attachment; filename="{made.name}"'}
    return Response(made.body, media_type=made.media_type, headers=headers)


@router.get("/reviews/{review}/document.json")
async def document(request: Request, review: str) -> Response:
    return await _file(request, review, "document.json")


@router.get("/reviews/{review}/gp.csv")
async def gp_csv(request: Request, review: str) -> Response:
    return await _file(request, review, "gp.csv")


@router.get("/reviews/{review}/gp.json")
async def gp_json(request: Request, review: str) -> Response:
    return await _file(request, review, "gp.json")


@router.get("/reviews/{review}/dms.csv")
async def dms_csv(request: Request, review: str) -> Response:
    return await _file(request, review, "dms.csv")


@router.get("/reviews/{review}/dms.json")
async def dms_json(request: Request, review: str) -> Response:
    return await _file(request, review, "dms.json")
