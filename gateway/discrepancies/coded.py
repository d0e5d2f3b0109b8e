"""Conditions and test results of any list that a rule asks for, by codes and by words."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation

from gateway.discrepancies.clinical_knowledge import Coded
from gateway.discrepancies.status import last_day
from gateway.discrepancies.texts import says
from gateway.discrepancies.view import RuleView
from gateway.records.as_written import Coding, Concept
from gateway.records.lists import Condition, Observation
from gateway.terminology.vocabulary import normalise_words

_NOT_DONE = frozenset({"entered-in-error", "cancelled", "registered"})


def conditions(view: RuleView) -> tuple[Condition, ...]:
    """Of every list, without what was refuted or entered in error."""
    return tuple(c for one in view.lists for c in one.written.conditions if not c.refuted)


def results(view: RuleView) -> tuple[Observation, ...]:
    """Test results of every list that were done."""
    return tuple(o for one in view.lists for o in one.written.observations if o.status not in _NOT_DONE)


def those(found: Iterable[Condition], meant: Coded, denied: tuple[str, ...]) -> tuple[Condition, ...]:
    """Conditions that are meant; one that is over counts where the knowledge says so."""
    return tuple(c for c in found if (c.active or meant.past) and _is(c.concept, meant, denied))


def tests(found: Iterable[Observation], meant: Coded) -> tuple[Observation, ...]:
    """The results of a test, the latest first; those without a date last."""
    fitting = [o for o in found if _is(o.concept, meant, meant.not_patterns)]
    return tuple(sorted(fitting, key=lambda o: (last_day(o.at) or "", o.id), reverse=True))


def number_of(one: Observation) -> Decimal | None:
    """The value as a number; None where it is none, or only "more than"."""
    if one.value is None or one.comparator in {">", ">="}:
        return None
    try:
        found = Decimal(one.value.strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def _is(concept: Concept, meant: Coded, denied: tuple[str, ...]) -> bool:
    if any(_coded(c, meant) for c in concept.codings):
        return True
    words = [normalise_words(w) for w in (concept.text, *(c.display for c in concept.codings)) if w]
    return any(says([w], meant.patterns) and not says([w], denied) for w in words)


def _coded(coding: Coding, meant: Coded) -> bool:
    system, code = (coding.system or "").lower(), coding.code
    if code is None:
        return False
    if "snomed" in system or system.endswith("2.16.840.1.113883.6.96"):
        return code in meant.snomed
    if "loinc" in system:
        return code in meant.loinc
    if "icd-10" in system or "icd10" in system:
        return code.startswith(meant.icd10) if meant.icd10 else False
    if "read" in system or "ctv3" in system:
        return code.startswith(meant.read) if meant.read else False
    return False
