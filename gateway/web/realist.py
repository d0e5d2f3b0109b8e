"""Realist notes: list, write, write again, CSV."""

from __future__ import annotations

import asyncio

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from gateway.actions.access import may, require
from gateway.actions.realist_notes import (
    FIELDS,
    POLARITY,
    STATUS,
    Note,
    NoteText,
    choices,
    list_notes,
    notes_csv,
    write_note,
)
from gateway.errors import GatewayError, InputError, NotFound, Stale
from gateway.web.asked import Asked, asked, house_of

router = APIRouter()


@router.get("/labour/notes")
async def page(request: Request) -> Response:
    one = await asked(request)
    notes = await asyncio.to_thread(list_notes, house_of(request).database, by=one.person)
    measures, steps = choices()
    rendered: Response = request.app.state.renderer.page(
        "realist.html", one, notes=notes, fields=FIELDS, measures=measures, steps=steps,
        may_write=may(one.person.role, "realist.write"),
    )  # fmt: skip
    return rendered


@router.get("/labour/notes/csv")
async def as_csv(request: Request) -> Response:
    one = await asked(request)
    notes = await asyncio.to_thread(list_notes, house_of(request).database, by=one.person)
    headers = {"Content-Disposition": 'attachment; filename="realist-notes.csv"'}
    return Response(notes_csv(notes), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/labour/notes/{note}")
async def form(request: Request, note: str) -> Response:
    """`note` is new, or a note's id."""
    one = await asked(request)
    require(one.person, "realist.write")
    return await _form(one, note)


@router.post("/labour/notes/{note}")
async def writing(request: Request, note: str) -> Response:
    one = await asked(request)
    require(one.person, "realist.write")
    house = house_of(request)
    written = {name: one.text(name) for name in (*FIELDS, "role", "polarity", "status")}
    measures, steps = choices()
    text = NoteText(
        **written,
        measures=tuple(m for m in measures if one.text(f"measure-{m}") == "yes"),
        events=tuple(s for s in steps if one.text(f"event-{s}") == "yes"),
    )
    try:
        await asyncio.to_thread(
            write_note,
            house.database,
            text,
            note=None if note == "new" else note,
            expected_version=0 if note == "new" else one.number("version"),
            by=one.person,
            now=house.now(),
        )
    except (InputError, Stale) as error:
        return await _form(one, note, error=error)
    return RedirectResponse("/labour/notes", 303)


async def _form(one: Asked, note: str, error: GatewayError | None = None) -> Response:
    there: Note | None = None
    if note != "new":
        notes = await asyncio.to_thread(list_notes, house_of(one.request).database, by=one.person)
        there = next((n for n in notes if n.note == note), None)
        if there is None:
            raise NotFound("There is no such note.")
    given = {name: getattr(there, name) for name in (*FIELDS, "role", "polarity", "status")} if there else {}
    marked = {f"measure-{m}" for m in there.measures} | {f"event-{e}" for e in there.events} if there else set()
    if error:
        given = {name: one.text(name) for name in (*FIELDS, "role", "polarity", "status")}
        marked = {name for name, value in one.form.items() if value == "yes"}
    measures, steps = choices()
    rendered: Response = one.request.app.state.renderer.page(
        "realist_form.html",
        one,
        error.http_status if error else 200,
        note=note,
        there=there,
        given=given,
        marked=marked,
        fields=FIELDS,
        polarity=POLARITY,
        status_words=STATUS,
        measures=measures,
        steps=steps,
        error=error.words if error else None,
    )
    return rendered
