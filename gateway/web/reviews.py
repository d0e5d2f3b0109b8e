"""A review: look, decide a row, undo, see the evidence, sign."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.decide_row import decide, decision_reasons, undo
from gateway.actions.evidence import row_evidence
from gateway.actions.review_page import ShownReview, shown_review
from gateway.actions.second_check import check_decision
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, GatewayError, InputError, NotFound, UsageError
from gateway.records.decision import Decision, Intent, Outcome
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

FILTERS = (("all", "All"), ("to-decide", "To decide"), ("high-risk", "High risk"))

#: What a person may say of a difference; nothing is inferred (MedTax).
INTENTS = (
    (Intent.INTENTIONAL_DOCUMENTED.value, "Intended, and documented"),
    (Intent.INTENTIONAL_UNDOCUMENTED.value, "Intended, but not documented"),
    (Intent.UNINTENTIONAL.value, "Not intended"),
)


@router.get("/reviews/{review}")
async def page(request: Request, review: str, decide: str = "", show: str = "all") -> Response:
    one = await asked(request)
    shown = await _shown(one, review, record=not decide)
    return _render(one, shown, deciding=decide, show=show)


async def _shown(one: Asked, review: str, *, record: bool) -> ShownReview:
    house = house_of(one.request)
    return await asyncio.to_thread(
        shown_review, house.database, house.knowledge, review=review, by=one.person, now=house.now(), record=record
    )


def _render(
    one: Asked,
    shown: ShownReview,
    *,
    deciding: str = "",
    show: str = "all",
    error: GatewayError | None = None,
) -> Response:
    view = shown.view
    kept = {
        "to-decide": {r.id for r in view.to_decide},
        "high-risk": {r.id for r in view.high_risk},
    }.get(show)
    if kept is not None and deciding:
        kept.add(deciding)
    rendered: Response = one.request.app.state.renderer.page(
        "review.html",
        one,
        error.http_status if error else 200,
        shown=shown.view,
        stored=shown.stored,
        changes=shown.changes,
        changes_since=shown.changes_since,
        age_now=shown.age,
        deciding=deciding,
        show=show if kept is not None else "all",
        kept=kept,
        filters=FILTERS,
        reasons=decision_reasons(),
        intents=INTENTS,
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


@router.post("/reviews/{review}/rows/{row}")
async def deciding(request: Request, review: str, row: str) -> Response:
    """What lacks something comes back with the form as it was filled in."""
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        decision = _decision(one, row)
        await asyncio.to_thread(
            decide,
            house.database,
            review=review,
            decision=decision,
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
            form=f"{one.person.account}:{one.text('form_key')}" if one.text("form_key") else None,
        )
    except (InputError, Conflict) as error:
        shown = await _shown(one, review, record=False)
        return _render(one, shown, deciding=row, show=one.text("show") or "all", error=error)
    return RedirectResponse(_back(review, one, row), 303)


def _back(review: str, one: Asked, row: str) -> str:
    show = one.text("show")
    known = f"?show={show}" if show in {key for key, _ in FILTERS[1:]} else ""
    return f"/reviews/{review}{known}#{row}"


def _decision(one: Asked, row: str) -> Decision:
    chosen, _, entries = one.text("choice").partition(":")
    if not chosen:
        raise InputError("Choose what the patient should take after discharge.")
    try:
        outcome = Outcome(chosen)
        intent = Intent(one.text("intent")) if one.text("intent") else None
    except ValueError:
        raise UsageError("The form is not whole; open the page again.") from None
    return Decision(
        row=row,
        outcome=outcome,
        as_on=tuple(e for e in entries.split("|") if e) if outcome is Outcome.CONTINUE else (),
        change_to=one.text("change_to") or None if outcome is Outcome.CHANGE else None,
        restart=one.text("restart") or None if outcome is Outcome.WITHHOLD else None,
        intent=intent,
        reason=one.text("reason") or None,
        note=one.text("note") or None,
    )


@router.post("/reviews/{review}/rows/{row}/undo")
async def undoing(request: Request, review: str, row: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house = house_of(request)
    try:
        await asyncio.to_thread(
            undo,
            house.database,
            review=review,
            row=row,
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
        )
    except Conflict as error:
        return _render(one, await _shown(one, review, record=False), error=error)
    return RedirectResponse(_back(review, one, row), 303)


@router.post("/reviews/{review}/rows/{row}/check")
async def checking(request: Request, review: str, row: str) -> Response:
    """A second person's check of what another decided."""
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            check_decision,
            house.database,
            review=review,
            row=row,
            expected_version=one.number("version"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except Conflict as error:
        return _render(one, await _shown(one, review, record=False), error=error)
    return RedirectResponse(_back(review, one, row), 303)


@router.post("/reviews/{review}/reopen")
async def reopening(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house = house_of(request)
    try:
        await asyncio.to_thread(
            reopen_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            reason=one.text("why"),
            by=one.person,
            now=house.now(),
        )
    except (InputError, Conflict) as error:
        return _sign_off(one, await _shown(one, review, record=False), error)
    return RedirectResponse(f"/reviews/{review}", 303)


@router.get("/reviews/{review}/rows/{row}/evidence")
async def evidence(request: Request, review: str, row: str) -> Response:
    one = await asked(request)
    house = house_of(request)
    found = await asyncio.to_thread(
        row_evidence, house.database, house.knowledge, review=review, row=row, by=one.person, now=house.now()
    )
    rendered: Response = request.app.state.renderer.page(
        "evidence.html", one, found=found, outcome_reasons={r.code: r.words for r in decision_reasons()}
    )
    return rendered


@router.get("/reviews/{review}/sign-off")
async def sign_off_page(request: Request, review: str) -> Response:
    one = await asked(request)
    return _sign_off(one, await _shown(one, review, record=False))


def _sign_off(one: Asked, shown: ShownReview, error: GatewayError | None = None) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "sign_off.html",
        one,
        error.http_status if error else 200,
        shown=shown.view,
        stored=shown.stored,
        age_now=shown.age,
        hindrances=shown.hindrances,
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


@router.post("/reviews/{review}/sign-off")
async def signing_off(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house, timing = house_of(request), one.timing()
    try:
        if one.text("confirm") != "yes":
            raise InputError("Tick the box to say that you checked the list.")
        await asyncio.to_thread(
            sign_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            override=one.text("override") or None,
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return _sign_off(one, await _shown(one, review, record=False), error)
    return RedirectResponse(f"/reviews/{review}/sign-off", 303)
