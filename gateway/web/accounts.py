"""Accounts, for the administrator: list, create, change, disable, enable, unlock, one-time password."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import ROLE_WORDS, require
from gateway.actions.accounts import BANDS, STAFF_GROUPS, AccountLine, account_lines, create_account
from gateway.actions.change_account import (
    check_groups,
    disable_account,
    edit_account,
    enable_account,
    reset_password,
    unlock_account,
)
from gateway.actions.passwords import one_time_password
from gateway.errors import Conflict, GatewayError, NotFound, UsageError
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()

_CHANGES = {"disable": disable_account, "enable": enable_account, "unlock": unlock_account}


@router.get("/accounts")
async def page(request: Request) -> Response:
    one = await asked(request)
    lines = await _lines(one)
    rendered: Response = request.app.state.renderer.page("accounts.html", one, lines=lines)
    return rendered


@router.get("/accounts/new")
async def new(request: Request) -> Response:
    one = await asked(request)
    require(one.person, "accounts.edit")
    return _new(one)


@router.post("/accounts/new")
async def creating(request: Request) -> Response:
    """The one-time password stands on the page that answers, and nowhere else."""
    one = await asked(request)
    require(one.person, "accounts.edit")
    house, given = house_of(request), one_time_password()
    staff_group, band = one.text("staff_group") or None, one.text("band") or None
    try:
        if not one.text("role"):
            raise UsageError("Choose what the person does here.")
        check_groups(staff_group, band)
        made = await asyncio.to_thread(
            create_account,
            house.database,
            name=one.text("name"),
            display_name=one.text("display_name"),
            role=one.text("role"),
            password=given,
            now=house.now(),
            staff_group=staff_group,
            band=band,
            must_change=True,
            by=one.person,
        )
    except (UsageError, Conflict) as error:
        return _new(one, error)
    return await _account(one, made.account, given=given)


@router.get("/accounts/{account}")
async def account(request: Request, account: str) -> Response:
    return await _account(await asked(request), account)


@router.post("/accounts/{account}/{what}")
async def changing(request: Request, account: str, what: str) -> Response:
    """`what` is edit, disable, enable, unlock or reset."""
    one = await asked(request)
    require(one.person, "accounts.edit")
    house, given = house_of(request), None
    try:
        if what == "edit":
            await asyncio.to_thread(
                edit_account,
                house.database,
                account=account,
                display_name=one.text("display_name"),
                role=one.text("role"),
                staff_group=one.text("staff_group") or None,
                band=one.text("band") or None,
                by=one.person,
                now=house.now(),
            )
        elif what == "reset":
            given = await asyncio.to_thread(
                reset_password, house.database, account=account, by=one.person, now=house.now()
            )
        elif what in _CHANGES:
            await asyncio.to_thread(_CHANGES[what], house.database, account=account, by=one.person, now=house.now())
        else:
            raise NotFound("There is no such page.")
    except (UsageError, Conflict) as error:
        return await _account(one, account, error=error)
    if given and account != one.person.account:
        return await _account(one, account, given=given)
    return RedirectResponse(f"/accounts/{account}", 303)


async def _lines(one: Asked) -> tuple[AccountLine, ...]:
    house = house_of(one.request)
    return await asyncio.to_thread(account_lines, house.database, by=one.person, now=house.now())


def _new(one: Asked, error: GatewayError | None = None) -> Response:
    rendered: Response = one.request.app.state.renderer.page(
        "account_new.html",
        one,
        error.http_status if error else 200,
        error=sentence(error),
        given=one.form,
        roles=ROLE_WORDS,
        staff_groups=STAFF_GROUPS,
        bands=BANDS,
    )
    return rendered


async def _account(
    one: Asked, account: str, *, error: GatewayError | None = None, given: str | None = None
) -> Response:
    """`given` is a one-time password, shown this once."""
    line = next((x for x in await _lines(one) if x.person.account == account), None)
    if line is None:
        raise NotFound("There is no such account.")
    rendered: Response = one.request.app.state.renderer.page(
        "account.html",
        one,
        error.http_status if error else 200,
        line=line,
        given=given,
        error=sentence(error),
        form=one.form if error else {},
        roles=ROLE_WORDS,
        staff_groups=STAFF_GROUPS,
        bands=BANDS,
    )
    return rendered


def sentence(error: GatewayError | None) -> str | None:
    """Words of a command's error as a sentence of a page."""
    return f"{error.words[0].upper()}{error.words[1:].removesuffix('.')}." if error else None
