"""Decide a row, take that back, check what another decided."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import require
from gateway.actions.decide_row import decide, undo
from gateway.actions.presence import who_changed
from gateway.actions.read_change import ChangeFields, ReadChange, read_change
from gateway.actions.review_page import said_of
from gateway.actions.second_check import check_decision
from gateway.errors import Conflict, InputError, NotFound, Stale, UsageError
from gateway.records.decision import Decision, Intent, Outcome
from gateway.web.asked import Asked, asked, house_of
from gateway.web.reviews import back, render, shown

router = APIRouter()


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
