"""The stay that is asked about: the latest that a hospital's list tells of, how it ended, and what it was coded with.

An earlier stay, or one that a practice remembers, says nothing of what the patient left on this time.
"""

from __future__ import annotations

from gateway.records.audit import Evidence, NamedFact
from gateway.records.lists import Encounter, ListRole, MedicineList
from gateway.records.reconciliation import Reconciliation

SNOMED = "http://snomed.info/sct"
INPATIENT_CLASSES = {"IMP", "ACUTE", "NONACUTE", "SS"}
_HOSPITAL = {ListRole.DISCHARGE, ListRole.INPATIENT}


def latest_stay(one: Reconciliation) -> tuple[MedicineList, Encounter] | None:
    """An encounter without a class counts; one of another class (a clinic visit) does not."""
    stays = [
        (e.start or "", e.id, each, e)
        for each in one.lists
        if each.role in _HOSPITAL
        for e in each.written.encounters
        if e.class_code is None or e.class_code in INPATIENT_CLASSES
    ]
    if not stays:
        return None
    _, _, each, encounter = max(stays, key=lambda stay: stay[:2])
    return each, encounter


def how_it_ended(one: Reconciliation) -> NamedFact | None:
    """The discharge disposition as coded; None where none is."""
    found = latest_stay(one)
    if found is None or found[1].discharge is None:
        return None
    each, encounter = found
    codes = tuple(c.code for c in encounter.discharge.codings if c.code) if encounter.discharge else ()
    words = f"{each.name}: {encounter.discharge.words if encounter.discharge else ''}"
    return NamedFact(names=codes, evidence=Evidence(words=words, list=each.name, entry=encounter.id)) if codes else None


def coded_conditions(one: Reconciliation) -> tuple[NamedFact, ...]:
    """Active conditions with a SNOMED CT code, of every list."""
    found = []
    for each in one.lists:
        for condition in each.written.conditions:
            codes = tuple(c.code for c in condition.concept.codings if c.system == SNOMED and c.code)
            if condition.active and codes:
                words = f"{each.written.organisation or each.name} records {condition.concept.words}."
                found.append(NamedFact(names=codes, evidence=Evidence(words=words, list=each.name, entry=condition.id)))
    return tuple(found)
