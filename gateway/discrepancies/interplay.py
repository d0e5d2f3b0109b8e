"""One cause gives one finding: which finding absorbs which, and which rules raise those of others (absorbs.yaml)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec
from msgspec import Struct

from gateway.discrepancies.knowledge import Absorb, Raise, Severity
from gateway.discrepancies.view import RuleView
from gateway.records.discrepancy import Discrepancy


class Graded(Struct, frozen=True):
    """A finding with all rows and entries that it concerns."""

    rows: frozenset[str]
    entries: frozenset[str]
    finding: Discrepancy


def absorbed(found: Sequence[Graded], table: Iterable[Absorb]) -> list[Discrepancy]:
    """What stays. What goes leaves its evidence, and its severity where that is higher, unless the table lowers it.

    A finding that is itself absorbed still absorbs: two anticoagulants at once absorb the probable switch, which has
    absorbed the omission.
    """
    by_rule: dict[str, list[int]] = {}
    for n, one in enumerate(found):
        by_rule.setdefault(one.finding.rule, []).append(n)
    into: dict[int, list[tuple[int, bool]]] = {}
    gone: set[int] = set()
    for line in table:
        for winner in by_rule.get(line.by, ()):
            for rule in line.absorbs:
                for other in by_rule.get(rule, ()):
                    if _touch(found[winner], found[other], line.where):
                        into.setdefault(winner, []).append((other, line.lowers))
                        gone.add(other)
    return [
        _joined(n, found, into, set()) if n in into else one.finding for n, one in enumerate(found) if n not in gone
    ]


def _touch(a: Graded, b: Graded, where: str) -> bool:
    if where == "all-entries":
        return b.entries <= a.entries
    return not (a.rows if where == "row" else a.entries).isdisjoint(b.rows if where == "row" else b.entries)


def _joined(n: int, found: Sequence[Graded], into: dict[int, list[tuple[int, bool]]], seen: set[int]) -> Discrepancy:
    """A finding with what it absorbed, and what that had absorbed; `seen` ends a circle in the table."""
    own = found[n].finding
    seen.add(n)
    graded, evidence = own, list(own.evidence)
    for m, lowers in into.get(n, ()):
        if m in seen:
            continue
        other = _joined(m, found, into, seen)
        evidence += other.evidence
        if other.severity > graded.severity and not lowers:
            graded = other
    return msgspec.structs.replace(
        own,
        severity=graded.severity,
        severity_reason=graded.severity_reason,
        pack_severity=graded.pack_severity,
        evidence=tuple(dict.fromkeys(evidence)),
    )


def lifted(
    one: Discrepancy,
    table: Iterable[Raise],
    view: RuleView,
    local: tuple[str, ...],
    graded_by_pack: Mapping[str, Severity],
) -> Discrepancy:
    """A rule without findings of its own raises those that concern its class: an anticoagulant change.

    By a route that stays `local` (a heparin cream) nothing is raised. `graded_by_pack` has the pack's own severity
    where the site gave this rule another.
    """
    for line in table:
        if one.rule not in line.findings:
            continue
        if not any(line.medicine_class in classes for classes in view.classes.values()):
            continue
        entries = set(one.entries)
        rows = [r for r in view.rows if r.id == one.row or not entries.isdisjoint(r.entries)]
        rows = [r for r in rows if r.kind_of_route not in local]
        concerned = next((r for r in rows if line.medicine_class in view.classes_of(r)), None)
        if concerned:
            severity = max(one.severity, line.severity)
            own = graded_by_pack[line.rule].base if line.rule in graded_by_pack else line.severity
            by_pack = max(one.severity if one.pack_severity is None else one.pack_severity, own)
            one = msgspec.structs.replace(
                one,
                severity=severity,
                second_check=one.second_check or line.second_check,
                severity_reason=f"{severity}: {concerned.medicine} is in the class {line.medicine_class}; "
                "a change of it needs a second check",
                pack_severity=by_pack if by_pack != severity else None,
            )
    return one
