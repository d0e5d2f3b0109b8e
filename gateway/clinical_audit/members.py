"""Which rows hold a member of a question's classes, and whether the patient leaves on it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from gateway.records.audit import AuditQuestion, Evidence
from gateway.records.decision import Decision, Outcome
from gateway.records.lists import MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.reconciliation import Reconciliation
from gateway.terminology.named import ingredients_named
from gateway.terminology.vocabulary import Vocabulary


class Standing(StrEnum):
    TAKEN = "taken"
    NOT_TAKEN = "not-taken"
    UNCLEAR = "unclear"


class MemberRow(Struct, frozen=True, kw_only=True):
    """One row with a member: its standing at discharge, the reason in a sentence, and the evidence."""

    medicine: str
    standing: Standing
    why: str
    entries: tuple[MedicineEntry, ...]
    evidence: tuple[Evidence, ...]


def standings(
    question: AuditQuestion,
    reconciliation: Reconciliation,
    leaving: MedicineList,
    vocabulary: Vocabulary,
    decisions: Mapping[str, Decision],
) -> list[MemberRow]:
    """Every row that holds a member by a route that counts; rows of another route (timolol eye drops) are left out.

    A decision that changes a medicine to another is unclear for the questions of both, since its words are free text.
    """
    entries = reconciliation.entries()
    found = []
    for row in reconciliation.rows:
        decision = decisions.get(row.id)
        other = _another(row, decision, vocabulary)
        if not _counts(row.ingredients, question, vocabulary) and not _counts(other, question, vocabulary):
            continue
        if not other and row.kind_of_route and question.routes and row.kind_of_route not in question.routes:
            continue
        mine = tuple(entries[e] for e in row.entries)
        leaves_on = _leaves_on(mine, leaving, decision)
        if other:
            standing, why = Standing.UNCLEAR, f"{row.medicine} was changed to another medicine."
        else:
            standing, why = _standing(row, question, leaves_on, decision)
        shown = leaves_on or mine
        evidence = tuple(Evidence(words=_words(e), list=e.list, entry=e.id, document=e.written.document) for e in shown)
        found.append(MemberRow(medicine=row.medicine, standing=standing, why=why, entries=mine, evidence=evidence))
    return found


def _counts(ingredients: tuple[str, ...], question: AuditQuestion, vocabulary: Vocabulary) -> bool:
    members = set(question.members)
    return any(i in members or members & set(vocabulary.classes_of(i)) for i in ingredients)


def _another(row: Row, decision: Decision | None, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Ingredients that a change names and the row does not hold."""
    if decision is None or decision.outcome is not Outcome.CHANGE:
        return ()
    return tuple(i for i in ingredients_named(decision.change_to or "", vocabulary) if i not in row.ingredients)


def _leaves_on(
    mine: tuple[MedicineEntry, ...], leaving: MedicineList, decision: Decision | None
) -> tuple[MedicineEntry, ...]:
    """The entry that a person continues, whichever list it stands on; else what is current on the discharge list."""
    if decision is not None and decision.outcome is Outcome.CONTINUE and decision.as_on:
        return tuple(e for e in mine if e.id in decision.as_on)
    return tuple(e for e in mine if e.list == leaving.name and e.current)


def _standing(
    row: Row, question: AuditQuestion, leaves_on: tuple[MedicineEntry, ...], decision: Decision | None
) -> tuple[Standing, str]:
    ended = _ended(row, decision)
    if ended:
        return ended
    if not leaves_on and decision is None:
        return Standing.NOT_TAKEN, f"{row.medicine} is not on the discharge list."
    if not row.kind_of_route and question.routes:
        return Standing.UNCLEAR, f"The route of {row.medicine} is not stated."
    if decision is None and all(e.written.status == "on-hold" for e in leaves_on):
        return Standing.UNCLEAR, f"{row.medicine} is suspended on the discharge list."
    most = question.daily_at_most_mg
    changed = decision is not None and decision.outcome is Outcome.CHANGE
    if most is not None and (changed or not any(_low_dose(e, most) for e in leaves_on)):
        return Standing.UNCLEAR, f"The daily dose of {row.medicine} is above {most} mg or not certain."
    if decision is not None:
        return Standing.TAKEN, f"{row.medicine} was decided as {decision.outcome.value}."
    return Standing.TAKEN, f"{row.medicine} is on the discharge list."


def _ended(row: Row, decision: Decision | None) -> tuple[Standing, str] | None:
    """A person's decision that the patient does not simply leave on it."""
    outcome = decision.outcome if decision else None
    if outcome is Outcome.ASK:
        return Standing.UNCLEAR, f"A question about {row.medicine} is open with the prescriber."
    if outcome is Outcome.WITHHOLD:
        return Standing.UNCLEAR, f"{row.medicine} is withheld with a restart plan."
    if outcome in {Outcome.STOP, Outcome.NOT_TAKING}:
        return Standing.NOT_TAKEN, f"{row.medicine} was decided as {outcome.value}."
    return None


def _low_dose(entry: MedicineEntry, most: int) -> bool:
    daily = entry.dose.daily
    return daily is not None and daily.unit == "mg" and daily.high <= Decimal(most)


def _words(entry: MedicineEntry) -> str:
    return f"{entry.text} – {entry.dose.text}" if entry.dose.text else entry.text
