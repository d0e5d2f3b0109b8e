"""Clinical audit: the list of cases, and one case's form with proposals, evidence, and a person's answers."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.audit_cases import answer, list_cases, look_at_case, outside_lookup, override_reasons
from gateway.actions.evidence import answer_evidence
from gateway.errors import Conflict, GatewayError, InputError
from gateway.web.access_log import note_look
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()


@router.get("/audits")
async def cases(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="audit.see", noted_as="audits.see")
    found = await asyncio.to_thread(list_cases, house_of(request).database, by=one.person)
    rendered: Response = request.app.state.renderer.page("audits.html", one, cases=found)
    return rendered


@router.get("/audits/{case}")
async def form(request: Request, case: str, change: str = "", lookup: str = "") -> Response:
    one = await asked(request)
    return await _form(one, case, changing=change, looking=lookup)


async def _form(
    one: Asked, case: str, *, changing: str = "", looking: str = "", error: GatewayError | None = None
) -> Response:
    house = house_of(one.request)
    found = await asyncio.to_thread(
        look_at_case,
        house.database,
        case=case,
        by=one.person,
        vocabulary=house.knowledge.vocabulary,
        now=house.now(),
    )
    rendered: Response = one.request.app.state.renderer.page(
        "audit.html",
        one,
        error.http_status if error else 200,
        case=found,
        changing=changing,
        looking=looking,
        reasons=override_reasons(),
        reason_words={r.code: r.words for r in override_reasons()},
        labels={x.question.id: {o.code: o.label for o in x.question.options} for x in found.lines},
        may_answer=one.person.role == "audit-clerk",
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


@router.post("/audits/{case}/questions/{question}")
async def answering(request: Request, case: str, question: str) -> Response:
    """Confirm the proposal, change it with a reason, or enter an answer where none was proposed."""
    one = await asked(request)
    require(one.person, "audit.answer")
    house, timing = house_of(request), one.timing()
    try:
        if not one.text("code"):
            raise InputError("Choose an answer.")
        await asyncio.to_thread(
            answer,
            house.database,
            case=case,
            question=question,
            code=one.text("code"),
            reason=one.text("reason") or None,
            note=one.text("note") or None,
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await _form(one, case, changing=question, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)


@router.get("/audits/{case}/questions/{question}/evidence")
async def evidence(request: Request, case: str, question: str) -> Response:
    one = await asked(request)
    house, gap = house_of(request), one.gap()
    found = await asyncio.to_thread(
        answer_evidence, house.database, case=case, question=question, by=one.person, now=house.now(),
        seconds=gap.seconds, timing=gap.how,
    )  # fmt: skip
    reasons = {r.code: r.words for r in override_reasons()}
    rendered: Response = request.app.state.renderer.page("evidence.html", one, found=found, outcome_reasons=reasons)
    return rendered


@router.post("/audits/{case}/questions/{question}/lookup")
async def looked_up(request: Request, case: str, question: str) -> Response:
    """That the answer was looked for in another system, and for how long: work that no computer sees."""
    one = await asked(request)
    require(one.person, "audit.answer")
    house = house_of(request)
    try:
        try:
            minutes = float(one.text("minutes"))
        except ValueError:
            raise InputError("Minutes are a number above 0 and at most 480.") from None
        await asyncio.to_thread(
            outside_lookup,
            house.database,
            case=case,
            question=question,
            system=one.text("system"),
            minutes=minutes,
            by=one.person,
            now=house.now(),
        )
    except InputError as error:
        return await _form(one, case, looking=question, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)
