"""A review: look, decide a row, undo, see the evidence, sign."""

from __future__ import annotations

import asyncio
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.decide_row import decide, decision_reasons, undo
from gateway.actions.evidence import row_evidence
from gateway.actions.presence import who_changed
from gateway.actions.read_change import ChangeFields, ReadChange, read_change
from gateway.actions.review_page import ShownReview, said_of, shown_review
from gateway.actions.second_check import check_decision
from gateway.actions.send_outcome import endpoints, sendings
from gateway.actions.sign_review import reopen_review, sign_review
from gateway.errors import Conflict, GatewayError, InputError, NotFound, Stale, UsageError
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

#: One column for each list, or the value first with who says so; from five lists on that is the default.
LAYOUTS = (("columns", "One column per list"), ("merged", "Merge lists that agree"))
MERGED_FROM = 5

#: Offered for how often; anything else may be typed.
OFTEN = (
    "once a day",
    "twice a day",
    "three times a day",
    "four times a day",
    "in the morning",
    "at night",
    "once a week",
)


@router.get("/reviews/{review}")
async def page(request: Request, review: str, decide: str = "") -> Response:
    one = await asked(request)
    found = await shown(one, review, record=not decide)
    return render(one, found, deciding=decide)


def address(review: str, show: str, layout: str, row: str = "", decide: str = "") -> str:
    """Of the page with its filter and layout, at a row, or with the row's panel open."""
    asked_for = {"decide": decide, "show": show if show != "all" else "", "layout": layout}
    query = urlencode({key: value for key, value in asked_for.items() if value})
    return f"/reviews/{review}{'?' + query if query else ''}{'#' + row if row else ''}"


async def shown(one: Asked, review: str, *, record: bool) -> ShownReview:
    house, gap = house_of(one.request), one.gap()
    return await asyncio.to_thread(
        shown_review, house.database, house.knowledge, review=review, by=one.person, now=house.now(), record=record,
        seconds=gap.seconds, timing=gap.how,
    )  # fmt: skip


def render(
    one: Asked,
    shown: ShownReview,
    *,
    deciding: str = "",
    error: GatewayError | None = None,
    read: ReadChange | None = None,
    clash: dict[str, str] | None = None,
) -> Response:
    """`read` is a change as it was understood, shown before it is saved; `clash` what somebody else did meanwhile."""
    view = shown.view
    show, layout = _places(one)
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
        layouts=LAYOUTS,
        layout=layout,
        merged=layout == "merged" or (not layout and len(view.columns) >= MERGED_FROM),
        address=address,
        often=OFTEN,
        read=read,
        clash=clash,
        others=shown.others,
        held=shown.held,
        reasons=decision_reasons(),
        intents=INTENTS,
        error=error.words if error else None,
        given=one.form,
    )
    return rendered


def _places(one: Asked) -> tuple[str, str]:
    """Filter and layout, of the address or of the form that was sent from it; what is not known counts as not said."""
    asked_for = one.form or dict(one.request.query_params)
    show, layout = asked_for.get("show", ""), asked_for.get("layout", "")
    return (show if show in dict(FILTERS) else "all", layout if layout in dict(LAYOUTS) else "")


@router.post("/reviews/{review}/rows/{row}")
async def deciding(request: Request, review: str, row: str) -> Response:
    """What lacks something comes back with the form as it was filled in; a change first with how it was understood."""
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    decision: Decision | None = None
    try:
        decision = _decision(one, row)
        if decision.outcome is Outcome.CHANGE:
            found = await shown(one, review, record=False)
            which = next((r for r in found.stored.reconciliation.rows if r.id == row), None)
            if which is None:
                raise NotFound("There is no such row in this review.")
            read = read_change(_fields(one), which, house.knowledge.vocabulary)
            if one.form.get("read_back", "") != _key(read):
                return render(one, found, deciding=row, read=read)
            decision = msgspec.structs.replace(decision, change_to=read.text, understood=read.understood)
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
    except Stale as error:
        found = await shown(one, review, record=False)
        told = await _told(one, review, row, error)
        mine = said_of(found, decision) if decision else ""
        return render(one, found, deciding=row, error=told, clash={"mine": mine})
    except (InputError, Conflict) as error:
        return render(one, await shown(one, review, record=False), deciding=row, error=error)
    return RedirectResponse(back(review, one, row), 303)


def _key(read: ReadChange) -> str:
    """What was shown back: saved only where it is still what would be saved."""
    return f"{read.text}|{read.understood.words if read.understood else ''}"


def _fields(one: Asked) -> ChangeFields:
    return ChangeFields(
        words=one.text("change_to"),
        medicine=one.text("change_medicine"),
        strength=one.text("change_strength"),
        form=one.text("change_form"),
        amount=one.text("change_amount"),
        unit=one.text("change_unit"),
        often=one.text("change_often"),
        as_needed=one.text("change_as_needed") == "yes",
        needed_for=one.text("change_needed_for"),
        until=one.text("change_until"),
    )


async def _told(one: Asked, review: str, row: str, error: Stale) -> Stale:
    """Who was faster, and when."""
    house = house_of(one.request)
    who = await asyncio.to_thread(who_changed, house.database, review=review, row=row, by=one.person, now=house.now())
    return Stale(f"{who.name} ({who.role}) changed this row {who.ago}.") if who else error


def back(review: str, one: Asked, row: str) -> str:
    return address(review, *_places(one), row)


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
        question=one.text("question") or None if outcome is Outcome.ASK else None,
        restart=one.text("restart") or None if outcome is Outcome.WITHHOLD else None,
        intent=intent,
        reason=one.text("reason") or None,
        note=one.text("note") or None,
    )


@router.post("/reviews/{review}/rows/{row}/undo")
async def undoing(request: Request, review: str, row: str) -> Response:
    one = await asked(request)
    require(one.person, "review.decide")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            undo,
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
        told = await _told(one, review, row, error) if isinstance(error, Stale) else error
        return render(one, await shown(one, review, record=False), error=told)
    return RedirectResponse(back(review, one, row), 303)


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
        told = await _told(one, review, row, error) if isinstance(error, Stale) else error
        return render(one, await shown(one, review, record=False), error=told)
    return RedirectResponse(back(review, one, row), 303)


@router.post("/reviews/{review}/reopen")
async def reopening(request: Request, review: str) -> Response:
    one = await asked(request)
    require(one.person, "review.sign")
    house, timing = house_of(request), one.timing()
    try:
        await asyncio.to_thread(
            reopen_review,
            house.database,
            review=review,
            expected_version=one.number("version"),
            reason=one.text("why"),
            by=one.person,
            now=house.now(),
            seconds=timing.seconds,
            timing=timing.how,
        )
    except (InputError, Conflict) as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}", 303)


@router.get("/reviews/{review}/rows/{row}/evidence")
async def evidence(request: Request, review: str, row: str) -> Response:
    one = await asked(request)
    house, gap = house_of(request), one.gap()
    found = await asyncio.to_thread(
        row_evidence, house.database, house.knowledge, review=review, row=row, by=one.person, now=house.now(),
        seconds=gap.seconds, timing=gap.how,
    )  # fmt: skip
    rendered: Response = request.app.state.renderer.page(
        "evidence.html", one, found=found, outcome_reasons={r.code: r.words for r in decision_reasons()}
    )
    return rendered


@router.get("/reviews/{review}/sign-off")
async def sign_off_page(request: Request, review: str) -> Response:
    one = await asked(request)
    return await sign_off(one, review)


async def sign_off(one: Asked, review: str, error: GatewayError | None = None) -> Response:
    """The page on which a review is checked, signed and sent."""
    found = await shown(one, review, record=False)
    database = house_of(one.request).database
    rendered: Response = one.request.app.state.renderer.page(
        "sign_off.html",
        one,
        error.http_status if error else 200,
        shown=found.view,
        stored=found.stored,
        age_now=found.age,
        hindrances=found.hindrances,
        sendings=await asyncio.to_thread(sendings, database, review),
        endpoints=await asyncio.to_thread(endpoints, database),
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
            follow_up_days=house.settings.follow_up_days,
        )
    except NotFound:
        raise
    except (InputError, Conflict) as error:
        return await sign_off(one, review, error)
    return RedirectResponse(f"/reviews/{review}/sign-off", 303)
