"""Current on one list and on no other complete list, where no list has the discharge role.

A list of supplies is no authority of what is meant: that it lacks a medicine says nothing, and that it holds one does
not put the medicine on a second list. A medicine that is only supplied is told as that.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import listed, names, same_words_cause, the_lists
from gateway.records.lists import ListRole, ListState


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    meant = [one for one in view.lists if one.role is not ListRole.SUPPLY]
    complete = [one.name for one in view.complete() if one.role is not ListRole.SUPPLY]
    alike = []
    unsure: dict[str, list[str]] = {}
    for row in view.rows:
        on = view.current[row.id]
        holders = [one.name for one in meant if one.name in on]
        supplied = [one.name for one in view.with_role(ListRole.SUPPLY) if one.name in on]
        lacking = [name for name in complete if name not in on]
        if len(holders) == 1 and not lacking:
            for one in meant:
                if one.state is not ListState.COMPLETE and one.name not in on:
                    unsure.setdefault(f"{one.name}: {absence_words(one.state).lower()}", []).append(row.medicine)
        if len(holders) > 1 or not lacking or not (holders or supplied):
            continue
        if view.same_words_on(row, [view.by_name[name] for name in lacking]):
            alike.append(row.medicine)
            continue
        if holders:
            supplies = f", with supplies on {the_lists(supplied)}" if supplied else ""
            said = f"is current on the {holders[0]} list only{supplies}"
        else:
            said = f"was supplied ({names(supplied)})"
        entries = [e for name in (holders or supplied) for e in on[name]]
        yield Raised(
            message=f"{row.medicine} {said}; it is not on {the_lists(lacking)}.",
            rows=(row.id,),
            entries=tuple(e.id for e in entries),
            evidence=(*(f"{e.id}#status" for e in entries), *(f"{name}#state" for name in lacking)),
            settle="Ask the patient whether it is taken, and the organisation that lacks it whether that is meant.",
        )
    if alike:
        yield Cannot(same_words_cause(alike, "on one list only"))
    for where, medicines in unsure.items():
        yield Cannot(f"whether another list has {listed(medicines)} cannot be said ({where})")
