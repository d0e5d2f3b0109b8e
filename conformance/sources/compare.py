"""What may differ between two servers that hold the same record, and what must never happen to a list."""

from __future__ import annotations

from typing import Any

from conformance.sources.everyone import KINDS, Outcome
from gateway.actions.reconciliation_json import as_json, as_object
from gateway.demo.stories import StoryPatient
from gateway.records.lists import ListState

#: Differences that another server may rightly make, each with its reason. Entry and resource ids are not among them:
#: the seed keeps its ids. Server-made `meta` and addresses stand in the kept documents only, never in a reconciliation.
EXPLAINED = {
    "lists[hospital].warnings": "its CapabilityStatement offers no Condition, so the gateway does not ask for any and "
    "says so",
    "audits": "without conditions nobody is in an audit by the hospital's record",
    "not_evaluated": "a rule that looks at conditions, stays or results says that none were received",
    "process": "without the stay nothing says when the patient was admitted",
    "what settles a discrepancy": "without the stay the day of discharge is the day of the list, and the words say so",
    "discrepancies of rules that could not look": "the finding is missing, and its rule is among those not evaluated",
}


def differences(ours: Outcome, theirs: Outcome) -> list[str]:
    """Places of `reconcile --format json` (and the audits) where two outcomes differ; none: equal to the byte."""
    if ours.reconciliation is None or theirs.reconciliation is None:
        return ["no review"]
    found = [] if ours.audits == theirs.audits else ["audits"]
    if as_json(ours.reconciliation) == as_json(theirs.reconciliation):
        return found
    a, b = as_object(ours.reconciliation), as_object(theirs.reconciliation)
    for name in a:
        if name == "lists":
            found += _lists(a[name], b[name])
        elif a[name] != b[name]:
            found.append(_how_findings_differ(a, b) if name == "discrepancies" else name)
    return found or ["bytes"]


def _how_findings_differ(ours: dict[str, Any], theirs: dict[str, Any]) -> str:
    """How the findings differ: in what settles them, only in rules that one side could not evaluate, or otherwise."""
    if [d | {"settle": ""} for d in ours["discrepancies"]] == [d | {"settle": ""} for d in theirs["discrepancies"]]:
        return "what settles a discrepancy"
    blind = {one["rule"] for one in (*ours["not_evaluated"], *theirs["not_evaluated"])}
    differing = [d for d in ours["discrepancies"] if d not in theirs["discrepancies"]]
    differing += [d for d in theirs["discrepancies"] if d not in ours["discrepancies"]]
    same_cause = all(d["rule"] in blind for d in differing)
    return "discrepancies of rules that could not look" if same_cause else "discrepancies"


def _lists(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> list[str]:
    if [one["name"] for one in ours] != [one["name"] for one in theirs]:
        return ["lists"]
    return [f"lists[{a['name']}].{key}" for a, b in zip(ours, theirs, strict=True) for key in a if a[key] != b[key]]


def breaches(told: StoryPatient, outcome: Outcome) -> list[str]:
    """What is silently wrong with the lists that a reviewer would see; none where every gap is said."""
    if outcome.reconciliation is None:
        return [] if outcome.words else ["no review, and no reason"]
    one = outcome.reconciliation
    found = []
    if {each.name for each in one.lists} != set(KINDS):
        found.append("a list is missing")
    said = {e for d in one.discrepancies if d.rule == "source-incomplete" for e in d.evidence}
    for each in one.lists:
        medicines = sorted(e.text for e in each.entries)
        expected = sorted(m.name for m in getattr(told, each.name).medicines)
        if each.state is ListState.COMPLETE and medicines != expected:
            found.append(f"{each.name} is called complete and is not what the organisation holds")
        allergies = [a for a in told.allergies if each.name in a.on]
        if each.state is ListState.COMPLETE and len(each.written.allergies) != len(allergies):
            found.append(f"{each.name} is called complete and an allergy is missing")
        if each.state is not ListState.COMPLETE and not each.written.causes:
            found.append(f"{each.name} is {each.state.value} without a cause")
        if (each.state is not ListState.COMPLETE) != (f"{each.name}#state" in said):
            found.append(f"the finding about {each.name} and its state disagree")
        if set(medicines) - set(expected):
            found.append(f"{each.name} holds what the organisation does not")
    return found
