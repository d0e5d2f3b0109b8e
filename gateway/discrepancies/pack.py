"""The rule pack: rules and their knowledge, read from mappings/discrepancies and checked before anything runs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec
import yaml
from msgspec import Struct

from gateway.discrepancies.clinical_checks import check_clinical
from gateway.discrepancies.clinical_knowledge import (
    Brands,
    Clinical,
    Courses,
    Devices,
    Monitoring,
    Pincer,
    ProcessLimits,
    RuleLists,
)
from gateway.discrepancies.knowledge import (
    Absorbs,
    AllergyGroups,
    Block,
    ChangeWords,
    DuplicateClasses,
    HighRisk,
    PlausibleDoses,
    Reasons,
    Review,
    Rule,
    RulesFile,
    Severity,
    SiteLimits,
    Thresholds,
)
from gateway.discrepancies.registry import run_of
from gateway.errors import KnowledgeError
from gateway.records.site import Site
from gateway.settings import mappings_dir, read_once

FOLDER = "discrepancies"

File = TypeVar("File", bound=Block)


class RulePack(Struct, frozen=True, kw_only=True):
    """One version of the rules. `data` says in words what each of a rule's `needs` is.

    `site` is what one site does otherwise; `graded_by_pack` keeps the pack's own severities of rules that it re-graded.
    """

    version: str
    review: Review
    rules: tuple[Rule, ...]
    data: dict[str, str]
    interplay: Absorbs
    thresholds: Thresholds
    duplicates: DuplicateClasses
    change_words: ChangeWords
    allergies: AllergyGroups
    high_risk: HighRisk
    plausible: PlausibleDoses
    reasons: Reasons
    clinical: Clinical
    site_limits: SiteLimits
    site: Site | None = None
    graded_by_pack: dict[str, Severity] = {}

    @property
    def switched_off(self) -> frozenset[str]:
        return frozenset(one.rule for one in self.site.switched_off) if self.site else frozenset()

    def rule(self, rule_id: str) -> Rule:
        return next(rule for rule in self.rules if rule.id == rule_id)


class CatalogueLine(Struct, frozen=True, kw_only=True):
    """One rule for `gateway rules`: severity in words, the data it needs, whether this version evaluates it.

    `switched_off` is the site's reason; `graded_by_site` what the site set and why, with the pack's own severity.
    """

    id: str
    number: int
    words: str
    condition: str
    severity: str
    scope: str
    source: str
    review: Review
    needs: tuple[str, ...]
    evaluated: bool
    switched_off: str | None = None
    graded_by_site: str | None = None

    @property
    def signed(self) -> str:
        """ "drafted, not yet signed by a clinical safety officer", or by whom and when it was reviewed."""
        if self.review.state != "reviewed":
            return f"{self.review.state}, not yet signed by a clinical safety officer"
        return f"reviewed by {self.review.by} on {self.review.date}"


@read_once
def load_rules(mappings: Path | None = None) -> RulePack:
    """Raises KnowledgeError naming the file and the place that is wrong."""
    folder = (mappings or mappings_dir()) / FOLDER
    rules = _read(folder, "rules", RulesFile)
    pack = RulePack(
        version=rules.pack,
        review=rules.review,
        rules=rules.rules,
        data=rules.data,
        interplay=_read(folder, "absorbs", Absorbs),
        thresholds=_read(folder, "thresholds", Thresholds),
        duplicates=_read(folder, "duplicate_classes", DuplicateClasses),
        change_words=_read(folder, "change_words", ChangeWords),
        allergies=_read(folder, "allergy_groups", AllergyGroups),
        high_risk=_read(folder, "high_risk_medicines", HighRisk),
        plausible=_read(folder, "plausible_doses", PlausibleDoses),
        reasons=_read(folder, "reasons", Reasons),
        clinical=Clinical(
            brands=_read(folder, "brands", Brands),
            devices=_read(folder, "devices", Devices),
            courses=_read(folder, "courses", Courses),
            pincer=_read(folder, "pincer", Pincer),
            monitoring=_read(folder, "monitoring", Monitoring),
            lists=_read(folder, "lists", RuleLists),
            process=_read(folder, "process_flags", ProcessLimits),
        ),
        site_limits=_read(folder, "site_limits", SiteLimits),
    )
    _check(pack)
    return pack


def catalogue(pack: RulePack) -> tuple[CatalogueLine, ...]:
    """Every rule of the pack in the order of its numbers, also those that this version does not evaluate."""
    raising = {one.rule for one in pack.interplay.raises}
    off = {one.rule: one.why for one in pack.site.switched_off} if pack.site else {}
    return tuple(
        CatalogueLine(
            id=rule.id,
            number=rule.number,
            words=rule.words,
            condition=rule.condition,
            severity=_severity_words(rule.severity),
            scope=rule.scope,
            source=rule.source,
            review=rule.review or pack.review,
            needs=tuple(pack.data[need] for need in rule.needs),
            evaluated=rule.id in raising or run_of(rule.id) is not None,
            switched_off=off.get(rule.id),
            graded_by_site=_graded_by_site(rule, pack),
        )
        for rule in sorted(pack.rules, key=lambda rule: rule.number)
    )


def _severity_words(severity: Severity) -> str:
    parts = [str(severity.base)]
    if severity.critical is not None:
        parts.append(f"{severity.critical} for a critical medicine")
    parts += [f"{grade.severity} {name.replace('-', ' ')}" for name, grade in severity.grades.items()]
    return "; ".join(parts)


def _graded_by_site(rule: Rule, pack: RulePack) -> str | None:
    if pack.site is None or rule.id not in pack.graded_by_pack:
        return None
    why = next(one.why for one in pack.site.regrade if one.rule == rule.id)
    return f"{_severity_words(pack.graded_by_pack[rule.id])} in the rule pack; {why.rstrip('.')}"


def _read(folder: Path, name: str, shape: type[File]) -> File:
    place = f"mappings/{FOLDER}/{name}.yaml"
    try:
        return msgspec.convert(yaml.safe_load((folder / f"{name}.yaml").read_text(encoding="utf-8")), shape)
    except OSError as error:
        raise KnowledgeError(f"{place}: {error.strerror}") from None
    except (yaml.YAMLError, msgspec.ValidationError) as error:
        raise KnowledgeError(f"{place}: {' '.join(str(error).split())}") from None


def _check(pack: RulePack) -> None:
    """What a shape cannot say: ids that are used must exist, severities are 0 to 3, expressions compile."""
    ids = [rule.id for rule in pack.rules]
    _unique("rules.yaml", ids)
    _unique("rules.yaml", [str(rule.number) for rule in pack.rules])
    for rule in pack.rules:
        place = f"rules.yaml, rule {rule.id}"
        grades = [rule.severity.base, rule.severity.critical or 0, *(g.severity for g in rule.severity.grades.values())]
        _need(all(0 <= grade <= 3 for grade in grades), place, "a severity is 0 to 3")
        _need(rule.scope in {"between", "within"}, place, f"scope {rule.scope} is neither between nor within")
        _need(re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", rule.id), place, "the id is not in kebab case")
        for need in rule.needs:
            _need(need in pack.data, place, f"needs {need}, which data does not explain")
    for absorb in pack.interplay.absorbs:
        for one in (absorb.by, *absorb.absorbs):
            _need(one in ids, "absorbs.yaml", f"{one} is no rule")
        _need(
            absorb.where in {"row", "entries", "all-entries"},
            f"absorbs.yaml, {absorb.by}",
            "where is row, entries or all-entries",
        )
    for raising in pack.interplay.raises:
        for one in (raising.rule, *raising.findings):
            _need(one in ids, "absorbs.yaml, raises", f"{one} is no rule")
    for one in pack.site_limits.never_switched_off:
        _need(one in ids, "site_limits.yaml, never_switched_off", f"{one} is no rule")
    known = {f.name for f in msgspec.structs.fields(Thresholds)}
    for one in pack.site_limits.thresholds:
        _need(one in known, "site_limits.yaml, thresholds", f"{one} is no threshold")
    _unique("reasons.yaml", [reason.code for reason in pack.reasons.reasons])
    groups = {group.id for group in pack.allergies.groups}
    for look_alike in pack.allergies.look_alikes:
        _need(look_alike.meant in groups, "allergy_groups.yaml", f"{look_alike.meant} is no group")
    words = pack.change_words
    check_clinical(pack.clinical, _need, _compile)
    _compile(
        "change_words.yaml",
        (
            *words.dose_change,
            *words.stop_reason,
            *words.restart_plan,
            *words.no_reason,
            *words.replaces,
            *words.restarted,
            *words.denied,
        ),
    )
    _compile("allergy_groups.yaml, strip", pack.allergies.strip)
    _compile("high_risk_medicines.yaml, insulin", (pack.high_risk.insulin.abbreviated_unit,))


def _need(holds: object, place: str, what: str) -> None:
    if not holds:
        raise KnowledgeError(f"mappings/{FOLDER}/{place}: {what}")


def _unique(place: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in names:
        _need(name not in seen, place, f"{name} stands twice")
        seen.add(name)


def _compile(place: str, patterns: Iterable[str]) -> None:
    for pattern in patterns:
        try:
            re.compile(pattern)
        except re.error as error:
            raise KnowledgeError(f"mappings/{FOLDER}/{place}: {pattern!r} {error}") from None
