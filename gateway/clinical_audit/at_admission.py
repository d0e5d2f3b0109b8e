"""What the patient took when they came in: the lists from before the stay, as they stood on its first day.

A practice's list is often fetched after the stay and holds what the hospital started. What began after the first day,
or ended with no date, is left to a person.
"""

from __future__ import annotations

from collections.abc import Mapping

from gateway.clinical_audit.at_discharge import lowest_daily_mg
from gateway.clinical_audit.evidence import missing_lists, not_signed, of_documents, of_entries, unread
from gateway.clinical_audit.stay import latest_stay
from gateway.records.audit import Gap, MedicineFact, Moment, Standing
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import ListRole, ListState, MedicineEntry
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation

_NO_LIST = Gap(
    code="no-list-before", words="No list from before the stay was received, so nothing shows what the patient took."
)


def at_admission(one: Reconciliation, decisions: Mapping[str, Decision], *, signed: bool) -> Moment:
    before = [e for e in one.lists if e.role is ListRole.PRE_ADMISSION and e.state is not ListState.FAILED]
    if not before:
        return Moment(unseen=_NO_LIST)
    stay = latest_stay(one)
    first_day = (stay[1].start or "")[:10] if stay else ""
    entries, names = one.entries(), {each.name for each in before}
    gap = (
        missing_lists(one)
        or unread((e for each in before for e in each.entries), "on the lists from before the stay")
        or not_signed(signed)
    )
    supplied = {each.name for each in one.lists if each.role is ListRole.SUPPLY}
    facts = []
    for row in one.rows:
        mine = tuple(entries[e] for e in row.entries)
        told = tuple(e for e in mine if e.list in names)
        handed_over = tuple(e for e in mine if e.list in supplied)
        if row.ingredients and (told or handed_over):
            facts.append(_fact(row, told, handed_over, first_day, decisions.get(row.id)))
    return Moment(medicines=tuple(facts), gap=gap, proof=tuple(p for each in before for p in of_documents(each)))


def _fact(
    row: Row,
    told: tuple[MedicineEntry, ...],
    handed_over: tuple[MedicineEntry, ...],
    first_day: str,
    decision: Decision | None,
) -> MedicineFact:
    standing, why = _standing(row, told, handed_over, first_day, decision)
    shown = told or handed_over
    routes = {e.route for e in shown}
    asked = decision is not None and decision.outcome in {Outcome.NOT_TAKING, Outcome.ASK}
    return MedicineFact(
        medicine=row.medicine,
        ingredients=row.ingredients,
        standing=standing,
        why=why,
        evidence=of_entries(shown, row.id if asked else None),
        kind_of_route=row.kind_of_route,
        route=routes.pop() if len(routes) == 1 else None,
        daily_mg=lowest_daily_mg(shown),
        decided=asked,
        by_text=any(e.product.known_by != "code" for e in shown),
    )


def _standing(
    row: Row,
    told: tuple[MedicineEntry, ...],
    handed_over: tuple[MedicineEntry, ...],
    first_day: str,
    decision: Decision | None,
) -> tuple[Standing, str]:
    outcome = decision.outcome if decision else None
    if outcome is Outcome.NOT_TAKING:
        return Standing.NOT_TAKEN, f"{row.medicine} was decided as not-taking."
    if outcome is Outcome.ASK:
        return Standing.UNCLEAR, f"A question about {row.medicine} is open with the prescriber."
    if not told:
        return Standing.UNCLEAR, f"{row.medicine} was handed over by a pharmacy and is on no list from before the stay."
    each = [_one(row, e, first_day) for e in told]
    for wanted in (Standing.TAKEN, Standing.UNCLEAR):
        found = next((one for one in each if one[0] is wanted), None)
        if found:
            return found
    return each[0]


def _one(row: Row, entry: MedicineEntry, first_day: str) -> tuple[Standing, str]:
    written = entry.written
    if entry.current and written.status == "on-hold":
        return Standing.UNCLEAR, f"{row.medicine} was suspended on the list from before the stay."
    if entry.current and written.start and first_day and written.start[: len(first_day)] > first_day:
        return Standing.UNCLEAR, f"{row.medicine} on the list of {entry.list} began after the day of admission."
    if entry.current:
        return Standing.TAKEN, f"{row.medicine} is on a list from before the stay ({entry.list})."
    if written.status == "not-taken" or written.do_not_perform:
        return Standing.NOT_TAKEN, f"{row.medicine} is written as not taken."
    if written.end and first_day and written.end[:10] < first_day:
        return Standing.NOT_TAKEN, f"{row.medicine} ended before the day of admission."
    return Standing.UNCLEAR, f"{row.medicine} ended, and whether before the day of admission is not certain."
