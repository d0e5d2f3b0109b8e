"""Suspended, without a date or plan to start it again, and no discharge list gives it as active or stopped."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import is_suspended, plans_restart
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import the_lists
from gateway.records.lists import ListRole
from gateway.records.matching import Row


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    for row in view.rows:
        held = [e for e in view.current_entries(row) if is_suspended(e)]
        if not held or any(plans_restart(e, pack.change_words) for e in held) or _settled(view, row):
            continue
        lists = view.with_role(ListRole.DISCHARGE)
        absent = [f"{one.name}: {absence_words(one.state).lower()}" for one in lists if not view.is_on(row, [one])]
        yield Raised(
            message=_message(row, the_lists(e.list for e in held), absent),
            rows=(row.id,),
            entries=tuple(e.id for e in view.current_entries(row)),
            evidence=(*(f"{e.id}#status" for e in held), *(f"{e.id}#restart" for e in held)),
            settle="Ask the team that suspended it when and on what condition it starts again.",
        )


def _message(row: Row, lists: str, absent: list[str]) -> str:
    where = f" ({'; '.join(absent)})" if absent else ""
    return f"{row.medicine} is suspended on {lists}, and no date or plan to start it again is recorded{where}."


def _settled(view: RuleView, row: Row) -> bool:
    """A discharge list says what holds: active, or ended."""
    listed = [e for one in view.with_role(ListRole.DISCHARGE) for e in view.listed[row.id].get(one.name, ())]
    return any(not is_suspended(e) for e in listed)
