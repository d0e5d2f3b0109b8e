"""What the patient leaves on: the discharge list, and a person's decisions, which outweigh it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from gateway.clinical_audit.evidence import missing_lists, not_signed, of_documents, of_entries, unread
from gateway.records.audit import Gap, MedicineFact, Moment, Standing
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListRole, ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.named import ingredients_named
from gateway.terminology.vocabulary import Vocabulary

_NO_LIST = Gap(
    code="no-discharge-list", words="No discharge list was received, so nothing shows what the patient left on."
)


def at_discharge(
    one: Reconciliation,
    vocabulary: Vocabulary,
    decisions: Mapping[str, Decision],
    *,
    discharge: str | None,
    signed: bool,
) -> Moment:
    """`discharge` names the list that tells; default: the one with the discharge role."""
    leaving = _discharge_list(one, discharge)
    if leaving is None:
        return Moment(unseen=_NO_LIST)
    entries = one.entries()
    here = {e.id for e in leaving.entries}
    kept = [entries[e] for d in decisions.values() for e in d.as_on if e in entries and e not in here]
    gap = (
        missing_lists(one)
        or unread([*(e for e in leaving.entries if e.current), *kept], "that the patient leaves on")
        or not_signed(signed)
    )
    facts = tuple(
        _fact(row, entries, leaving, vocabulary, decisions.get(row.id)) for row in one.rows if row.ingredients
    )
    return Moment(medicines=facts, gap=gap, proof=of_documents(leaving))


def _discharge_list(one: Reconciliation, name: str | None) -> MedicineList | None:
    found = [
        each
        for each in one.lists
        if (each.name == name if name else each.role is ListRole.DISCHARGE) and each.state is not ListState.FAILED
    ]
    return found[0] if len(found) == 1 else None


def _fact(
    row: Row,
    entries: Mapping[str, MedicineEntry],
    leaving: MedicineList,
    vocabulary: Vocabulary,
    decision: Decision | None,
) -> MedicineFact:
    mine = tuple(entries[e] for e in row.entries)
    if decision is not None and decision.outcome is Outcome.CONTINUE and decision.as_on:
        leaves_on = tuple(e for e in mine if e.id in decision.as_on)
    else:
        leaves_on = tuple(e for e in mine if e.list == leaving.name and e.current)
    another = _another(row, decision, vocabulary)
    standing, why = _standing(row, leaves_on, decision)
    if another:
        standing, why = Standing.UNCLEAR, f"{row.medicine} was changed to another medicine."
    changed = decision is not None and decision.outcome is Outcome.CHANGE
    routes = {e.route for e in leaves_on or mine}
    return MedicineFact(
        medicine=row.medicine,
        ingredients=row.ingredients,
        standing=standing,
        why=why,
        evidence=of_entries(leaves_on or mine, row.id if decision else None),
        kind_of_route=row.kind_of_route,
        route=routes.pop() if len(routes) == 1 else None,
        daily_mg=None if changed else lowest_daily_mg(leaves_on),
        another=another,
        refusals=refusals(mine),
        decided=decision is not None,
        by_text=any(e.product.known_by != "code" for e in leaves_on or mine),
    )


def refusals(mine: tuple[MedicineEntry, ...]) -> tuple[str, ...]:
    """The codes of the reasons that the entries' status has."""
    return tuple(c.code for e in mine for r in e.written.status_reason for c in r.codings if c.code)


def lowest_daily_mg(mine: tuple[MedicineEntry, ...]) -> Decimal | None:
    certain = [e.dose.daily.high for e in mine if e.dose.daily is not None and e.dose.daily.unit == "mg"]
    return min(certain, default=None)


def _another(row: Row, decision: Decision | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Ingredients that a change names and the row does not hold: its words are free text."""
    if decision is None or decision.outcome is not Outcome.CHANGE:
        return ()
    return tuple(i for i in ingredients_named(decision.change_to or "", vocabulary) if i not in row.ingredients)


def _standing(row: Row, leaves_on: tuple[MedicineEntry, ...], decision: Decision | None) -> tuple[Standing, str]:
    outcome = decision.outcome if decision else None
    if outcome is Outcome.ASK:
        return Standing.UNCLEAR, f"A question about {row.medicine} is open with the prescriber."
    if outcome is Outcome.WITHHOLD:
        return Standing.UNCLEAR, f"{row.medicine} is withheld with a restart plan."
    if outcome in {Outcome.STOP, Outcome.NOT_TAKING}:
        return Standing.NOT_TAKEN, f"{row.medicine} was decided as {outcome.value}."
    if outcome is not None:
        return Standing.TAKEN, f"{row.medicine} was decided as {outcome.value}."
    if not leaves_on:
        return Standing.NOT_TAKEN, f"{row.medicine} is not on the discharge list."
    if all(e.written.status == "on-hold" for e in leaves_on):
        return Standing.UNCLEAR, f"{row.medicine} is suspended on the discharge list."
    return Standing.TAKEN, f"{row.medicine} is on the discharge list."
