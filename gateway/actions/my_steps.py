"""A person's own log: what is counted of their work, and their corrections of it. Nobody else can ask for it."""

from __future__ import annotations

import datetime as dt

from msgspec import Struct

from gateway.actions.access import Person, require
from gateway.errors import Conflict, InputError, NotFound
from gateway.labour.work_steps import work_steps
from gateway.records.ledger import Act, LedgerEntry
from gateway.store import ledger
from gateway.store.database import Database

LONGEST_NOTE = 500
_SHOWN = dt.timedelta(days=14)


class MyStep(Struct, frozen=True, kw_only=True):
    """`seconds` as it is counted now; `was` as it was recorded, where the person corrected it."""

    seq: int
    at: str
    words: str
    seconds: float | None
    timing: str | None
    was: float | None = None
    withdrawn: bool = False
    note: str = ""


def my_steps(database: Database, *, by: Person, now: dt.datetime) -> tuple[MyStep, ...]:
    """The last two weeks, newest first."""
    require(by, "work.tell")
    with database.read() as connection:
        rows = list(ledger.of_actor(connection, by.account, since=(now - _SHOWN).isoformat()))
    corrections = {r.act.payload.get("seq"): r.act.payload for r in rows if r.act.kind == "step.corrected"}
    kinds = work_steps()
    return tuple(_step(row, corrections.get(row.seq)) for row in reversed(rows) if row.act.kind in kinds.steps)


def _step(row: LedgerEntry, change: dict[str, object] | None) -> MyStep:
    act, kinds = row.act, work_steps()
    words = kinds.steps[act.kind].words
    if act.kind == "work.outside" and act.reason in kinds.outside:
        words = f"had to {kinds.outside[act.reason].words}"
    seconds, note = act.seconds, ""
    if change:
        told = change.get("to_seconds")
        seconds = float(told) if isinstance(told, int | float) else seconds
        note = str(change.get("note", ""))
    corrected = bool(change) and seconds != act.seconds
    return MyStep(
        seq=row.seq, at=row.at, words=words, seconds=seconds, timing="told" if corrected else act.timing,
        was=act.seconds if corrected else None, withdrawn=bool(change and change.get("withdrawn")), note=note,
    )  # fmt: skip


def correct_step(
    database: Database, *, seq: int, minutes: float | None, withdrawn: bool, note: str, by: Person, now: dt.datetime
) -> None:
    """Say another time for one's own step, or that it was not one's own work; the recorded row stays as it is.

    Raises NotFound for a step that is not the person's, InputError, or Conflict where nothing would change.
    """
    require(by, "work.tell")
    if minutes is not None and not 0 <= minutes <= 480:
        raise InputError("Minutes are a number from 0 to 480.")
    if not note.strip() or len(note) > LONGEST_NOTE or "\0" in note:
        raise InputError(f"Say why, in at most {LONGEST_NOTE} characters.")
    if minutes is None and not withdrawn:
        raise Conflict("Say another time, or that it was not your work.")
    with database.write() as connection:
        row = ledger.entry(connection, seq)
        if row is None or row.act.actor != by.account or row.act.kind not in work_steps().steps:
            raise NotFound("There is no such step of yours.")
        payload: dict[str, object] = {"seq": seq, "note": note.strip(), "withdrawn": withdrawn}
        if minutes is not None:
            payload["to_seconds"] = round(minutes * 60)
        act = Act(
            kind="step.corrected", subject=row.act.subject, item=row.act.item, actor=by.account, role=by.role,
            payload=payload,
        )  # fmt: skip
        ledger.append(connection, [act], now.isoformat())
