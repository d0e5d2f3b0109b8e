"""The site file: which rules one site switches off or grades otherwise, within what mappings/ allow."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, NoReturn

import msgspec
import yaml

from gateway.discrepancies.knowledge import Bounds, Grade, Raise, Rule, Severity
from gateway.discrepancies.pack import RulePack
from gateway.errors import SettingsError
from gateway.records.site import Regrade, Site

SETTING = "GATEWAY_SITE_FILE"


def read_site(path: Path) -> Site:
    """Raises SettingsError naming the file and the place that is wrong."""
    try:
        return msgspec.convert(yaml.safe_load(path.read_text(encoding="utf-8")), Site)
    except OSError as error:
        _wrong(f"{path}: {error.strerror}")
    except (yaml.YAMLError, msgspec.ValidationError, UnicodeDecodeError) as error:
        _wrong(f"{path}: {' '.join(str(error).split())}")


def with_site(pack: RulePack, site: Site) -> RulePack:
    """The pack as this site uses it. Raises SettingsError naming what is not allowed."""
    ids = {rule.id for rule in pack.rules}
    _once("switched_off", [one.rule for one in site.switched_off], ids)
    _once("regrade", [one.rule for one in site.regrade], ids)
    if not site.site.strip():
        _wrong("site: give the site a name")
    for off in site.switched_off:
        if off.rule in pack.site_limits.never_switched_off:
            _wrong(f"switched_off, {off.rule}: {pack.site_limits.never_switched_off[off.rule]}")
        _reasoned(f"switched_off, {off.rule}", off.why)
    regrades = {one.rule: one for one in site.regrade}
    thresholds = {name: _bounded(name, value, pack) for name, value in site.thresholds.items()}
    return msgspec.structs.replace(
        pack,
        site=site,
        rules=tuple(_regraded(rule, regrades.get(rule.id)) for rule in pack.rules),
        graded_by_pack={rule.id: rule.severity for rule in pack.rules if rule.id in regrades},
        interplay=msgspec.structs.replace(
            pack.interplay, raises=tuple(_raising(one, regrades.get(one.rule)) for one in pack.interplay.raises)
        ),
        thresholds=msgspec.structs.replace(pack.thresholds, **thresholds),
    )


def _once(part: str, rules: Iterable[str], ids: set[str]) -> None:
    seen: set[str] = set()
    for rule in rules:
        if rule not in ids:
            _wrong(f"{part}: {rule} is no rule; gateway rules prints them")
        if rule in seen:
            _wrong(f"{part}: {rule} stands twice")
        seen.add(rule)


def _regraded(rule: Rule, one: Regrade | None) -> Rule:
    if one is None:
        return rule
    place = f"regrade, {rule.id}"
    _reasoned(place, one.why)
    if one.base is None and one.critical is None and not one.grades:
        _wrong(f"{place}: give base, critical or grades")
    for severity in (one.base, one.critical, *one.grades.values()):
        if severity is not None and not 0 <= severity <= 3:
            _wrong(f"{place}: a severity is 0 to 3")
    grades = dict(rule.severity.grades)
    for name, severity in one.grades.items():
        if name not in grades:
            _wrong(f"{place}: {name} is no grade of this rule; it has {', '.join(grades) or 'none'}")
        grades[name] = Grade(severity, grades[name].why)
    table = Severity(
        base=rule.severity.base if one.base is None else one.base,
        critical=rule.severity.critical if one.critical is None else one.critical,
        grades=grades,
    )
    return msgspec.structs.replace(rule, severity=table)


def _raising(one: Raise, regrade: Regrade | None) -> Raise:
    if regrade is None or regrade.base is None:
        return one
    return msgspec.structs.replace(one, severity=regrade.base)


def _bounded(name: str, value: Any, pack: RulePack) -> Any:
    allowed: dict[str, Bounds] = pack.site_limits.thresholds
    if name not in allowed:
        _wrong(f"thresholds: {name} is none that a site may change; those are {', '.join(sorted(allowed))}")
    kind = next(f.type for f in msgspec.structs.fields(pack.thresholds) if f.name == name)
    try:
        number = Decimal(str(value))
        given = msgspec.convert(str(value) if kind is Decimal else value, kind)
    except (msgspec.ValidationError, InvalidOperation) as error:
        _wrong(f"thresholds, {name}: {error if isinstance(error, msgspec.ValidationError) else 'it is no number'}")
    if not allowed[name].low <= number <= allowed[name].high:
        _wrong(f"thresholds, {name}: it must be from {allowed[name].low} to {allowed[name].high}")
    return given


def _reasoned(place: str, why: str) -> None:
    if not why.strip():
        _wrong(f"{place}: say why; it is shown on every review")


def _wrong(what: str) -> NoReturn:
    raise SettingsError(f"{SETTING}: {what}")
