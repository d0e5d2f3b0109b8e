"""What a rule needs before it can look, by the names that rules.yaml uses. Each answers with the cause, or None."""

from __future__ import annotations

from collections.abc import Callable

from gateway.discrepancies.view import RuleView, absence_words
from gateway.discrepancies.words import names
from gateway.records.lists import ListRole, ListState, MedicineList

Need = Callable[[RuleView], str | None]


def _entries(view: RuleView) -> str | None:
    return None if view.by_id else "no medicines were received"


def _two_lists(view: RuleView) -> str | None:
    return None if len(view.received()) > 1 else "fewer than two lists were received, so nothing can be compared"


def _received(view: RuleView, *roles: ListRole) -> list[MedicineList]:
    return [one for one in view.received() if one.role in roles]


def _pre_admission(view: RuleView) -> str | None:
    return None if _received(view, ListRole.PRE_ADMISSION) else "no list from before admission was received"


def _discharge(view: RuleView) -> str | None:
    return None if _received(view, ListRole.DISCHARGE) else "no discharge list was received"


def _hospital(view: RuleView) -> str | None:
    found = _received(view, ListRole.DISCHARGE, ListRole.INPATIENT)
    return None if found else "no inpatient or discharge list was received"


def _complete(view: RuleView, role: ListRole, words: str) -> str | None:
    lists = [one for one in view.with_role(role) if not one.written.by_hand]
    if not lists:
        return f"no {words} was received"
    missing = [one for one in lists if one.state is not ListState.COMPLETE]
    if not missing:
        return None
    said = "; ".join(f"{one.name}: {absence_words(one.state).lower()}" for one in missing)
    return f"a {words} is not complete ({said}), so nothing can be said about what is missing from it"


def _complete_discharge(view: RuleView) -> str | None:
    return _complete(view, ListRole.DISCHARGE, "discharge list")


def _complete_pre_admission(view: RuleView) -> str | None:
    return _complete(view, ListRole.PRE_ADMISSION, "list from before admission")


def _beside_discharge(view: RuleView) -> str | None:
    others = _received(view, ListRole.PRE_ADMISSION, ListRole.INPATIENT)
    return None if others else "no other list was received beside the discharge list"


def _no_discharge(view: RuleView) -> str | None:
    found = view.with_role(ListRole.DISCHARGE)
    if not found:
        return None
    return (
        f"there is a discharge list ({names(one.name for one in found)}); other rules tell what is missing or new on it"
    )


def _another_complete(view: RuleView) -> str | None:
    found = [one for one in view.complete() if one.role is not ListRole.SUPPLY]
    return None if found else "no list that says what is meant to be taken is complete"


def _allergies(view: RuleView) -> str | None:
    return None if view.allergies() else "no allergy or intolerance was received from any list"


def _allergy_answer(view: RuleView) -> str | None:
    answered = any(one.written.allergies_received for one in view.lists) or view.allergies()
    return None if answered else "no list sent or answered anything about allergies"


def _inpatient(view: RuleView) -> str | None:
    return None if _received(view, ListRole.INPATIENT) else "no inpatient list was received"


def _supply_dates(view: RuleView) -> str | None:
    if _received(view, ListRole.SUPPLY):
        return None
    issued = (e.written for one in view.with_role(ListRole.PRE_ADMISSION) for e in one.entries)
    dated = any(w.last_issued or w.kind == "MedicationRequest" for w in issued)
    return None if dated else "no list of supplies and no dates of issue or order were received"


def _complete_supplies(view: RuleView) -> str | None:
    return _complete(view, ListRole.SUPPLY, "list of supplies")


def _by_the_rule(view: RuleView) -> str | None:
    """The rule itself says what is missing, because it needs its knowledge or its medicines to tell."""
    return None


NEEDS: dict[str, Need] = {
    "entries": _entries,
    "two-lists": _two_lists,
    "pre-admission-list": _pre_admission,
    "discharge-list": _discharge,
    "hospital-list": _hospital,
    "complete-discharge-list": _complete_discharge,
    "complete-pre-admission-lists": _complete_pre_admission,
    "list-beside-discharge": _beside_discharge,
    "no-discharge-list": _no_discharge,
    "another-complete-list": _another_complete,
    "allergies": _allergies,
    "allergy-answer": _allergy_answer,
    "inpatient-list": _inpatient,
    "supply-dates": _supply_dates,
    "complete-supply-list": _complete_supplies,
    "complete-gp-list": _by_the_rule,
    "change-notes": _by_the_rule,
    "birth-date": _by_the_rule,
    "conditions": _by_the_rule,
    "observations": _by_the_rule,
}


def missing(view: RuleView, needs: tuple[str, ...]) -> str | None:
    """The cause of the first need that does not hold."""
    return next((cause for need in needs if (cause := NEEDS[need](view))), None)
