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
    """Every row that holds a member by a route that counts; rows of another route (timolol eye drops) are left out."""
    entries = reconciliation.entries()
    found = []
    for row in reconciliation.rows:
        if not _is_member(row, question, vocabulary):
            continue
        if row.kind_of_route and question.routes and row.kind_of_route not in question.routes:
            continue
        mine = tuple(entries[e] for e in row.entries)
        at_discharge = tuple(e for e in mine if e.list == leaving.name and e.current)
        standing, why = _standing(row, question, at_discharge, decisions.get(row.id))
        shown = at_discharge or mine
        evidence = tuple(Evidence(words=_words(e), list=e.list, entry=e.id, document=e.written.document) for e in shown)
        found.append(MemberRow(medicine=row.medicine, standing=standing, why=why, entries=mine, evidence=evidence))
    return found


def _is_member(row: Row, question: AuditQuestion, vocabulary: Vocabulary) -> bool:
    for ingredient in row.ingredients:
        if ingredient in question.members or set(vocabulary.classes_of(ingredient)) & set(question.members):
            return True
    return False


def _standing(
    row: Row, question: AuditQuestion, at_discharge: tuple[MedicineEntry, ...], decision: Decision | None
) -> tuple[Standing, str]:
    if decision is not None and decision.outcome is Outcome.ASK:
        return Standing.UNCLEAR, f"A question about {row.medicine} is open with the prescriber."
    if decision is not None and decision.outcome in {Outcome.STOP, Outcome.NOT_TAKING}:
        return Standing.NOT_TAKEN, f"{row.medicine} was decided as {decision.outcome.value}."
    if decision is not None and decision.outcome is Outcome.WITHHOLD:
        return Standing.UNCLEAR, f"{row.medicine} is withheld with a restart plan."
    if not at_discharge and decision is None:
        return Standing.NOT_TAKEN, f"{row.medicine} is not on the discharge list."
    if not row.kind_of_route and question.routes:
        return Standing.UNCLEAR, f"The route of {row.medicine} is not stated."
    if decision is None and all(e.written.status == "on-hold" for e in at_discharge):
        return Standing.UNCLEAR, f"{row.medicine} is suspended on the discharge list."
    if question.daily_at_most_mg is not None and not any(_low_dose(e, question.daily_at_most_mg) for e in at_discharge):
        return (
            Standing.UNCLEAR,
            f"The daily dose of {row.medicine} is above {question.daily_at_most_mg} mg or not certain.",
        )
    return Standing.TAKEN, f"{row.medicine} is on the discharge list."


def _low_dose(entry: MedicineEntry, most: int) -> bool:
    daily = entry.dose.daily
    return daily is not None and daily.unit == "mg" and daily.high <= Decimal(most)


def _words(entry: MedicineEntry) -> str:
    return f"{entry.text} – {entry.dose.text}" if entry.dose.text else entry.text
