"""Clinical audit: the list of cases, and one case's form with proposals, evidence, and a person's answers."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.answer_question import answer
from gateway.actions.audit_cases import CasePage, list_cases, override_reasons
from gateway.actions.evidence import answer_evidence
from gateway.actions.look_at_case import look_at_case
from gateway.actions.note_lookup import outside_lookup
from gateway.errors import Conflict, GatewayError, InputError
from gateway.web.access_log import note_look
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

#: What each row of a field's history is called on the form.
ACT_WORDS = {
    "answer.proposed": "proposed by the gateway", "answer.abstained": "left open by the gateway",
    "answer.confirmed": "confirmed", "answer.overridden": "changed", "answer.entered": "entered",
    "answer.cleared": "cleared", "answer.rejected": "rejected by the audit's supplier",
    "lookup.outside": "looked up in another system", "query.raised": "asked the ward",
    "query.answered": "reply of the ward", "evidence.opened": "record opened",
    "entry.second": "entered a second time for validation", "work.outside": "worked outside the gateway",
}  # fmt: skip


@router.get("/audits")
async def cases(request: Request) -> Response:
    one = await asked(request)
    await note_look(one, what="audit.see", noted_as="audits.see")
    found = await asyncio.to_thread(list_cases, house_of(request).database, by=one.person)
    by_pack: dict[str, list[CasePage]] = {}
    for case in found:
        by_pack.setdefault(case.pack.title, []).append(case)
    may_answer = one.person.role == "audit-clerk"
    rendered: Response = request.app.state.renderer.page("audits.html", one, packs=by_pack, may_answer=may_answer)
    return rendered


@router.get("/audits/{case}")
async def form(
    request: Request, case: str, change: str = "", lookup: str = "", clear: str = "", ask: str = ""
) -> Response:
    one = await asked(request)
    panels = {"change": change, "lookup": lookup, "clear": clear, "ask": ask}
    shown = next(((kind, question) for kind, question in panels.items() if question), ("", ""))
    return await form_page(one, case, panel=shown[0], question=shown[1])


async def form_page(
    one: Asked, case: str, *, panel: str = "", question: str = "", error: GatewayError | None = None
) -> Response:
    """The form with one panel open beside a question: change, lookup, clear, ask, reply; or one on the case itself."""
    house = house_of(one.request)
    found = await asyncio.to_thread(
        look_at_case,
        house.database,
        case=case,
        by=one.person,
        vocabulary=house.knowledge.vocabulary,
        now=house.now(),
        withheld_share=house.settings.audit_withheld_share,
    )
    rendered: Response = one.request.app.state.renderer.page(
        "audit.html",
        one,
        error.http_status if error else 200,
        case=found,
        panel=panel,
        asked_about=question,
        reasons=override_reasons(),
        reason_words={r.code: r.words for r in override_reasons()},
        labels={x.question.id: {o.code: o.label for o in x.question.options} for x in found.lines},
        may_answer=one.person.role == "audit-clerk" and found.locked_at is None and found.excluded is None,
        is_clerk=one.person.role == "audit-clerk",
        act_words=ACT_WORDS,
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
        return await form_page(one, case, panel="change", question=question, error=error)
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
    except (InputError, Conflict) as error:
        return await form_page(one, case, panel="lookup", question=question, error=error)
    return RedirectResponse(f"/audits/{case}#q{question}", 303)
