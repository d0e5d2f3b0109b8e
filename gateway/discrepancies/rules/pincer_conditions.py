"""PINCER indicators that need a condition or a kidney test as well, on what the patient takes now."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.discrepancies.clinical_knowledge import Indicator, Pincer
from gateway.discrepancies.coded import conditions, number_of, results, tests, those
from gateway.discrepancies.hazards import Hazard, entries_of, hazards, taking_words, unprotected
from gateway.discrepancies.pack import RulePack
from gateway.discrepancies.raised import Cannot, Raised
from gateway.discrepancies.status import last_day
from gateway.discrepancies.view import RuleView
from gateway.discrepancies.words import listed, names, number

#: What makes the hazard, in words, with its evidence.
Ground = tuple[str, tuple[str, ...]]


def run(view: RuleView, pack: RulePack) -> Iterator[Raised | Cannot]:
    known = pack.clinical.pincer
    told: set[frozenset[str]] = set()
    for hazard in hazards(view, known, known.conditions):
        one = hazard.indicator
        ground = _condition(one, view, known) or _test(one, view, known)
        if ground is None:
            if cause := _not_looked(one, view, known):
                yield Cannot(cause)
            continue
        open_to, cause = unprotected(view, known, one)
        if cause:
            yield Cannot(cause)
        elif open_to and hazard.rows not in told:
            told.add(hazard.rows)
            yield _raised(hazard, ground, known)


def _condition(one: Indicator, view: RuleView, known: Pincer) -> Ground | None:
    if one.condition is None:
        return None
    found = those(conditions(view), known.condition_sets[one.condition], known.not_conditions)
    if not found:
        return None
    words = listed(dict.fromkeys(f'"{c.concept.words}"' for c in found))
    return f"{words} is recorded ({names(c.list for c in found)})", tuple(f"{c.id}#concept" for c in found)


def _test(one: Indicator, view: RuleView, known: Pincer) -> Ground | None:
    """The latest result that is a number, where it is under the limit."""
    if one.test is None or one.below is None:
        return None
    test = known.tests[one.test]
    for result in tests(results(view), test):
        value = number_of(result)
        if value is not None:
            if value >= one.below:
                return None
            day = last_day(result.at)
            when = f" of {day}" if day else " without a date"
            return f"the latest {test.words} is {number(value)} ({result.list},{when})", (f"{result.id}#value",)
        if result.comparator:
            return None
    return None


def _not_looked(one: Indicator, view: RuleView, known: Pincer) -> str | None:
    """Nothing was received in which the ground could stand."""
    if one.test is not None and not tests(results(view), known.tests[one.test]):
        return f"no {known.tests[one.test].words} was received, so NSAIDs cannot be judged by it"
    if one.test is None and one.condition is not None and not conditions(view):
        return f"no list sent conditions, so {known.condition_sets[one.condition].words} cannot be looked for"
    return None


def _raised(hazard: Hazard, ground: Ground, known: Pincer) -> Raised:
    one, entries = hazard.indicator, entries_of(hazard)
    said, evidence = ground
    without = f", no {known.sets[one.without].words} is" if one.without else ""
    return Raised(
        message=f"{taking_words(hazard)} {'are' if len(hazard.members) > 1 else 'is'} current{without}, and {said}; "
        f"{one.says}.",
        rows=tuple(m.row.id for m in hazard.members),
        entries=tuple(e.id for e in entries),
        evidence=(*(f"{e.id}#ingredients" for e in entries), *evidence),
        settle="Ask the prescriber whether it is meant in spite of this, and what protects the patient.",
        scope="within" if len({e.list for e in entries}) == 1 else "between",
    )
