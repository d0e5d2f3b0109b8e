"""Reconcile lists: the one place that joins the pure stages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from gateway.discrepancies.evaluate import evaluate
from gateway.discrepancies.pack import RulePack, load_rules
from gateway.discrepancies.process import process_flags
from gateway.discrepancies.site import SETTING, read_site, with_site
from gateway.discrepancies.view import RuleView
from gateway.errors import PatientMismatch, SettingsError
from gateway.matching.apart import set_apart
from gateway.matching.rows import match
from gateway.normalise.aliases import NO_ALIASES, Aliases
from gateway.normalise.lists import normalise_list
from gateway.records.by_hand import Split
from gateway.records.discrepancy import NotEvaluated
from gateway.records.lists import GivenRole, ListAsWritten, ListRole, ListState, MedicineList, PatientIdentity
from gateway.records.matching import Matching
from gateway.records.nhs_number import compact
from gateway.records.process import ProcessFlag, ProcessTimes
from gateway.records.reconciliation import Reconciliation
from gateway.records.site import Site
from gateway.settings import Settings, read_once
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

BY_PERSON = "set by the person who asked"
BY_REGISTRATION = "set where the organisation is registered"


class Knowledge(Struct, frozen=True):
    """What the stages know: loaded once for a process, the same for every patient. `roles` are the site's, by list."""

    vocabulary: Vocabulary
    rules: RulePack
    roles: dict[str, GivenRole] = {}


@read_once
def load_knowledge(cache_dir: Path | None = None, site_file: Path | None = None) -> Knowledge:
    """Raises KnowledgeError naming the file and place in mappings/ that is wrong, SettingsError of the site file's."""
    vocabulary, rules = load_vocabulary(cache_dir=cache_dir), load_rules()
    return for_site(vocabulary, rules, read_site(site_file)) if site_file else Knowledge(vocabulary, rules)


def for_site(vocabulary: Vocabulary, rules: RulePack, site: Site) -> Knowledge:
    """The knowledge as one site uses it. Raises SettingsError naming what is not allowed, or no known medicine."""
    known = dict(vocabulary.ingredients)
    for name in site.critical_medicines:
        if name not in known:
            raise SettingsError(
                f"{SETTING}: critical_medicines: {name} is no known ingredient; write it as "
                "gateway read medicine names it"
            )
        known[name] = msgspec.structs.replace(known[name], critical=True)
    return Knowledge(
        vocabulary=msgspec.structs.replace(vocabulary, ingredients=known),
        rules=with_site(rules, site),
        roles={name: GivenRole(role, f"set in the site file of {site.site}") for name, role in site.roles.items()},
    )


def load_vocabulary_only() -> Vocabulary:
    """The vocabulary without the rules, for reading names and doses."""
    return load_vocabulary(cache_dir=Settings.from_environment().cache_dir)


def reconcile(
    lists: Sequence[ListAsWritten],
    knowledge: Knowledge,
    at: dt.date,
    roles: Mapping[str, ListRole] | None = None,
    registered: Mapping[str, ListRole] | None = None,
    times: ProcessTimes | None = None,
    aliases: Aliases = NO_ALIASES,
    splits: Sequence[Split] = (),
) -> Reconciliation:
    """Line up the lists of one patient on a day. The result does not depend on the order of `lists`.

    `roles` are set by the person who asks; they go before those of the site file, and these before those `registered`
    with a source; the rest is inferred. `times` says when the steps around the stay were done; without it they are not
    evaluated. `aliases` are what people confirmed of names that the gateway cannot read, `splits` the rows that they
    parted. A list that failed takes part with its state and cause, and no entries.

    Raises PatientMismatch when two lists name different patients.
    """
    patient = one_patient(lists)
    given = {name: GivenRole(role, BY_REGISTRATION) for name, role in (registered or {}).items()}
    given |= knowledge.roles
    given |= {name: GivenRole(role, BY_PERSON) for name, role in (roles or {}).items()}
    ordered = sorted(lists, key=lambda one: one.name)
    normal = tuple(normalise_list(one, knowledge.vocabulary, at, given.get(one.name), aliases) for one in ordered)
    process, not_judged = process_flags(normal, times or ProcessTimes(), knowledge.rules.clinical.process)
    return _lined_up(patient, at, normal, knowledge, process, not_judged, splits)


def matched_anew(
    one: Reconciliation,
    knowledge: Knowledge,
    aliases: Aliases,
    by_hand: Sequence[ListAsWritten] = (),
    splits: Sequence[Split] = (),
) -> Reconciliation:
    """The same lists of organisations, each in its role, and what people entered by hand as it is now, read again.

    What was judged of the steps around the stay stays.
    """
    fetched = [x for x in one.lists if not x.written.by_hand]
    normal = [
        normalise_list(x.written, knowledge.vocabulary, one.at, GivenRole(x.role, x.role_reason), aliases)
        for x in fetched
    ]
    normal += [normalise_list(x, knowledge.vocabulary, one.at, None, aliases) for x in by_hand]
    normal.sort(key=lambda x: x.name)
    flags = {flag.id for flag in knowledge.rules.clinical.process.flags}
    not_judged = tuple(n for n in one.not_evaluated if n.rule in flags)
    return _lined_up(one.patient, one.at, tuple(normal), knowledge, one.process, not_judged, splits)


def _lined_up(
    patient: PatientIdentity | None,
    at: dt.date,
    normal: tuple[MedicineList, ...],
    knowledge: Knowledge,
    process: tuple[ProcessFlag, ...],
    not_judged: tuple[NotEvaluated, ...],
    splits: Sequence[Split],
) -> Reconciliation:
    found = match(normal, knowledge.vocabulary)
    matching = Matching(rows=set_apart(found.rows, splits), suggestions=found.suggestions)
    view = RuleView.build(patient, at, normal, matching, knowledge.vocabulary)
    findings = evaluate(view, knowledge.rules)
    return Reconciliation(
        patient=patient,
        at=at,
        lists=normal,
        rows=matching.rows,
        suggestions=matching.suggestions,
        discrepancies=findings.discrepancies,
        not_evaluated=(*findings.not_evaluated, *not_judged),
        switched_off=findings.switched_off,
        process=process,
        splits=tuple(splits),
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
