"""Medicines entered by hand: enter, with how it is read shown back before it is saved; correct; take back."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.enter_by_hand import ReadEntry, enter_by_hand, read_by_hand, take_back
from gateway.errors import Conflict, GatewayError, InputError, NotFound, UsageError
from gateway.records.by_hand import HandEntry, Teller
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import address, shown

router = APIRouter()

TELLERS = (
    (Teller.PATIENT.value, "The patient said so"),
    (Teller.CARER.value, "A carer or relative said so"),
    (Teller.CARE_HOME.value, "The care home said so, or its chart was seen"),
    (Teller.OWN_DRUGS.value, "I saw the patient's own medicines"),
    (Teller.PAPER_LIST.value, "I saw a paper list"),
)


@router.get("/reviews/{review}/by-hand")
async def by_hand_page(request: Request, review: str) -> Response:
    """`about` names the list that is missing, `correct` the entry to be corrected."""
    return await _page(await asked(request), review)


@router.post("/reviews/{review}/by-hand")
async def entering(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    read: ReadEntry | None = None
    try:
        entry = _entry(one)
        read = read_by_hand(entry, house.knowledge.vocabulary)
        if one.form.get("read_back", "") != read_key(entry, read):
            return await _page(one, review, read=read, key=read_key(entry, read))
        made = await asyncio.to_thread(
            enter_by_hand, house.database, house.knowledge, review=review, entry=entry, by=one.person, now=house.now(),
            seconds=timing.seconds, timing=timing.how,
            form=f"{one.person.account}:{one.text('form_key')}" if one.text("form_key") else None,
        )  # fmt: skip
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await _page(one, review, error=error)
    return RedirectResponse(address(made, "all", ""), 303)


@router.post("/reviews/{review}/by-hand/{entry}/take-back")
async def taking_back(request: Request, review: str, entry: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house = house_of(request)
    try:
        made = await asyncio.to_thread(
            take_back, house.database, house.knowledge, review=review, entry=entry, reason=one.text("why"),
            by=one.person, now=house.now(),
        )  # fmt: skip
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await _page(one, review, error=error)
    return RedirectResponse(f"/reviews/{made}/by-hand", 303)


def read_key(entry: HandEntry, read: ReadEntry) -> str:
    """What was shown back: saved only where it is still what would be saved."""
    return "|".join((entry.list, entry.medicine, entry.dose, read.words))


def _entry(one: Asked) -> HandEntry:
    said = one.text("teller")
    if not said:
        raise InputError("Say from whom or what you know it.")
    try:
        teller = Teller(said)
    except ValueError:
        raise UsageError("The form is not whole; open the page again.") from None
    return HandEntry(
        id="",
        teller=teller,
        medicine=one.text("medicine"),
        dose=one.text("dose"),
        about=(one.text("about") or None) if teller is Teller.ORGANISATION else None,
        told_on=one.text("told_on") or None,
        note=one.text("note") or None,
        corrects=one.text("corrects") or None,
    )


async def _page(
    one: Asked, review: str, *, read: ReadEntry | None = None, key: str = "", error: GatewayError | None = None
) -> Response:
    found = await shown(one, review, record=False)
    query = dict(one.request.query_params)
    lists = {x.name: x for x in found.stored.reconciliation.lists if not x.written.by_hand}
    given = dict(one.form)
    corrected = next((e for e in found.stored.by_hand if e.id == query.get("correct") and e.standing), None)
    if not given and corrected:
        given = {
            "teller": corrected.teller.value,
            "about": corrected.about or "",
            "medicine": corrected.medicine,
            "dose": corrected.dose,
            "told_on": corrected.told_on or "",
            "note": corrected.note or "",
            "corrects": corrected.id,
        }
    about = given.get("about") or query.get("about", "")
    rendered: Response = one.request.app.state.renderer.page(
        "by_hand.html",
        one,
        error.http_status if error else 200,
        shown=found.view,
        stored=found.stored,
        age_now=found.age,
        tellers=TELLERS,
        about=next((c for c in found.view.columns if c.name == about and about in lists), None),
        titles={c.name: c.title for c in found.view.columns},
        read=read,
        read_key=key,
        error=error.words if error else None,
        given=given,
    )
    return rendered
