"""PINCER indicators that medicines and age decide, on what the patient takes now."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.hazards import Hazard, age_at, entries_of, hazards, taking_words, unprotected
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.view import RuleView


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.pincer
    told: set[frozenset[str]] = set()
    for hazard in hazards(view, known, known.drugs):
        one = hazard.indicator
        open_to, cause = unprotected(view, known, one)
        age = age_at(view.patient.birth_date if view.patient else None, view.at)
        if one.min_age is not None and open_to and age is None:
            cause = f"no list gives the date of birth, so {taking_words(hazard)} cannot be judged"
        elif one.min_age is not None and age is not None and age[0] < one.min_age <= age[1]:
            cause = f"the date of birth is not complete, so {taking_words(hazard)} cannot be judged"
        elif one.min_age is not None and age is not None and age[1] < one.min_age:
            continue
        if cause:
            yield Cannot(cause)
        elif open_to and not any(hazard.rows <= rows for rows in told):
            told.add(hazard.rows)
            yield _raised(hazard, age, pack)


def _raised(hazard: Hazard, age: tuple[int, int] | None, pack: RulePack) -> Raised:
    one, entries = hazard.indicator, entries_of(hazard)
    sets = pack.clinical.pincer.sets
    plural = len(hazard.members) > 1
    without = f", and no {sets[one.without].words} is" if one.without else ""
    years = f" at {age[0]} years of age" if one.min_age is not None and age else ""
    lists = {e.list for e in entries}
    how = "are both current" if len(hazard.members) == 2 else "are current together" if plural else "is current"
    return Raised(
        message=f"{taking_words(hazard)} {how}{years}{without}; {one.says}.",
        rows=tuple(m.row.id for m in hazard.members),
        entries=tuple(e.id for e in entries),
        evidence=tuple(f"{e.id}#ingredients" for e in entries),
        settle="Ask the prescriber whether it is meant, and whether stomach protection or another medicine is wanted.",
        scope="within" if len(lists) == 1 else "between",
        grade=one.grade,
    )
