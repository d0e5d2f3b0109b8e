"""What a clerk does about a case or one of its fields beside answering: clear, ask the ward, lock, unlock, exclude."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.ask_ward import ask_ward, note_reply
from gateway.actions.audit_lock import lock_case, unlock_case
from gateway.actions.clear_answer import clear_answer
from gateway.actions.exclude_case import exclude_case
from gateway.errors import Conflict, InputError
from gateway.web.asked import asked, house_of
from gateway.web.audits import form_page

router = APIRouter()


@router.post("/audits/{case}/questions/{question}/clear")
async def clearing(request: Request, case: str, question: str) -> Response:
    one = await asked(request)
    require(one.person, "audit.answer")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            clear_answer, house.database, case=case, question=question, reason=one.text("reason"),
            expected_version=one.number("version"), by=one.person, now=house.now(), seconds=timing.seconds,
            timing=timing.how,
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return await form_page(one, case, panel="clear", question=question, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)


@router.post("/audits/{case}/questions/{question}/ask")
async def asking(request: Request, case: str, question: str) -> Response:
    one = await asked(request)
    require(one.person, "audit.answer")
    house = house_of(request)
    try:
        await asyncio.to_thread(
            ask_ward, house.database, case=case, question=question, asked=one.text("asked"), by=one.person,
            now=house.now(),
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return await form_page(one, case, panel="ask", question=question, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)


@router.post("/audits/{case}/queries/{query}")
async def replying(request: Request, case: str, query: str) -> Response:
    one = await asked(request)
    require(one.person, "audit.answer")
    house = house_of(request)
    try:
        question = await asyncio.to_thread(
            note_reply, house.database, case=case, query=query, reply=one.text("reply"),
            answered_by=one.text("answered_by"), by=one.person, now=house.now(),
        )  # fmt: skip
    except (InputError, Conflict) as error:
        return await form_page(one, case, panel="reply", question=query, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)


@router.post("/audits/{case}/lock")
async def locking(request: Request, case: str) -> Response:
    return await _on_the_case(request, case, "lock")


@router.post("/audits/{case}/unlock")
async def unlocking(request: Request, case: str) -> Response:
    return await _on_the_case(request, case, "unlock")


@router.post("/audits/{case}/exclude")
async def excluding(request: Request, case: str) -> Response:
    return await _on_the_case(request, case, "exclude")


async def _on_the_case(request: Request, case: str, what: str) -> Response:
    one = await asked(request)
    require(one.person, "audit.answer")
    house = house_of(request)
    act = {"lock": lock_case, "unlock": unlock_case, "exclude": exclude_case}[what]
    try:
        await asyncio.to_thread(
            act, house.database, case=case, reason=one.text("reason"), by=one.person, now=house.now()
        )
    except (InputError, Conflict) as error:
        return await form_page(one, case, panel=what, error=error)
    return RedirectResponse("/audits" if what == "exclude" else f"/audits/{case}", 303)
