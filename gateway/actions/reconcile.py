"""Reconcile lists: the one place that joins the pure stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from gateway.discrepancies.evaluate import evaluate
from gateway.discrepancies.pack import RulePack, load_rules
from gateway.discrepancies.view import RuleView
from gateway.errors import PatientMismatch
from gateway.matching.rows import match
from gateway.normalise.aliases import NO_ALIASES, Aliases
from gateway.normalise.lists import normalise_list
from gateway.records.lists import ListAsWritten, ListRole, ListState, PatientIdentity
from gateway.records.nhs_number import compact
from gateway.records.reconciliation import Reconciliation
from gateway.settings import Settings, read_once
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary


class Knowledge(Struct, frozen=True):
    """What the stages know: loaded once for a process, the same for every patient."""

    vocabulary: Vocabulary
    rules: RulePack


@read_once
def load_knowledge(cache_dir: Path | None = None) -> Knowledge:
    """Raises KnowledgeError naming the file and place in mappings/ that is wrong."""
    return Knowledge(vocabulary=load_vocabulary(cache_dir=cache_dir), rules=load_rules())


def load_vocabulary_only() -> Vocabulary:
    """The vocabulary without the rules, for reading names and doses."""
    return load_vocabulary(cache_dir=Settings.from_environment().cache_dir)


def reconcile(
    lists: Sequence[ListAsWritten],
    knowledge: Knowledge,
    at: dt.date,
    roles: Mapping[str, ListRole] | None = None,
    aliases: Aliases = NO_ALIASES,
) -> Reconciliation:
    """Line up the lists of one patient on a day. The result does not depend on the order of `lists`.

    A list that failed takes part with its state and cause, and no entries. `aliases` are what persons
    confirmed of names that the gateway cannot read. Raises PatientMismatch when two lists name
    different patients.
    """
    patient = one_patient(lists)
    given = roles or {}
    ordered = sorted(lists, key=lambda one: one.name)
    normal = tuple(normalise_list(one, knowledge.vocabulary, at, given.get(one.name), aliases) for one in ordered)
    matching = match(normal, knowledge.vocabulary)
    view = RuleView.build(patient, at, normal, matching, knowledge.vocabulary)
    findings = evaluate(view, knowledge.rules)
    return Reconciliation(
        patient=patient,
        at=at,
        lists=normal,
        rows=matching.rows,
        suggestions=matching.suggestions,
        discrepancies=findings.discrepancies,
        not_evaluated=findings.not_evaluated,
        switched_off=findings.switched_off,
    )


def one_patient(lists: Sequence[ListAsWritten]) -> PatientIdentity | None:
    """The patient all usable lists are about, None where none says. Raises PatientMismatch where two differ.

    NHS number first; a birth date that differs stops even under one NHS number; without numbers, name and birth date.
    """
    said = [
        (one.name, one.patients[0])
        for one in sorted(lists, key=lambda one: one.name)
        if one.state is not ListState.FAILED and len(one.patients) == 1
    ]
    for i, (name, patient) in enumerate(said):
        for other_name, other in said[i + 1 :]:
            what = different(patient, other)
            if what:
                raise PatientMismatch(
                    f"{name} and {other_name} are of different patients ({what}); "
                    "reconcile lists of one patient only, nothing was compared"
                )
    return max((patient for _, patient in said), key=_told, default=None)


def different(a: PatientIdentity, b: PatientIdentity) -> str | None:
    """What tells two identities apart, in words without the values; None where nothing does."""
    if a.nhs_number and b.nhs_number and compact(a.nhs_number) != compact(b.nhs_number):
        return "NHS numbers differ"
    if a.birth_date and b.birth_date and not _same_date(a.birth_date, b.birth_date):
        return "birth dates differ"
    if a.nhs_number and b.nhs_number:
        return "names differ" if _names_differ(a, b, both=True) else None
    return "names differ" if _names_differ(a, b, both=False) else None


def _same_date(a: str, b: str) -> bool:
    """A partial date agrees with a fuller one that begins with it."""
    return a.startswith(b) or b.startswith(a)


def _names_differ(a: PatientIdentity, b: PatientIdentity, *, both: bool) -> bool:
    """Under one NHS number a changed surname is common (marriage), so family *and* given names must differ."""
    family = bool(a.family and b.family) and _fold(a.family) != _fold(b.family)
    given_a, given_b = {_fold(g) for g in a.given}, {_fold(g) for g in b.given}
    given = bool(given_a and given_b) and not given_a & given_b
    return (family and given) if both else (family or given)


def _fold(name: str | None) -> str:
    return "".join(c for c in (name or "").casefold() if c.isalpha())


def _told(patient: PatientIdentity) -> tuple[bool, bool, bool, str]:
    return (bool(patient.nhs_number), bool(patient.birth_date), bool(patient.name), patient.nhs_number or "")
