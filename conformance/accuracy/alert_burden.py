"""How many findings a real patient gives, so that noise is visible: `python -m conformance.accuracy.alert_burden`.

Each real list stands alone; beside itself word for word; beside itself in another organisation's style; and beside
itself as the discharge list. Two lists that say the same must not alarm: what is found then is in the record itself, or
the gateway cries wolf. Prints tables, writes build/alert_burden.json; exit 1 where the median patient with two equal
lists has a finding of severity 2 or 3. Counts only: no text of a record is printed.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from msgspec import Struct, to_builtins
from rich.console import Console
from rich.table import Table

from conformance.accuracy.alert_patients import COPY, NoRecords, in_another_style, patients, same_again
from gateway.actions.reconcile import Knowledge, load_knowledge, reconcile
from gateway.records.lists import ListAsWritten, ListRole, ListState

ROOT = Path(__file__).resolve().parents[2]
ALONE, EQUAL, STYLE, DISCHARGE = "alone", "equal", "another style", "equal, as discharge"
ALL, COMPLETE = "all", "all that are complete"
WAYS = (ALONE, EQUAL, STYLE, DISCHARGE)
Finding = tuple[str, int]


class Seen(Struct, frozen=True):
    """One patient in one way: findings as (rule, severity), and those that the list alone does not give."""

    group: str
    label: str
    complete: bool
    way: str
    findings: tuple[Finding, ...]
    added: tuple[Finding, ...]


class Spread(Struct, frozen=True):
    """Findings per patient: median and 90th percentile of severity 2 and 3, of all, and of those that were added."""

    group: str
    way: str
    patients: int
    serious: tuple[float, float]
    all: tuple[float, float]
    added_serious: tuple[float, float]


class Burden(Struct, frozen=True):
    """`rules`: way -> rule -> severity -> findings for 100 patients."""

    spreads: tuple[Spread, ...]
    rules: dict[str, dict[str, dict[str, float]]]
    calm: bool


def look(knowledge: Knowledge) -> list[Seen]:
    """Raises NoRecords."""
    found = []
    for one in patients(knowledge):
        beside = same_again(one.list)
        lists: dict[str, tuple[list[ListAsWritten], dict[str, ListRole]]] = {
            ALONE: ([one.list], {}),
            EQUAL: ([one.list, beside], {}),
            STYLE: ([one.list, in_another_style(one.list, knowledge, one.at)], {}),
        }
        if one.role is not ListRole.SUPPLY:
            lists[DISCHARGE] = ([one.list, beside], {one.list.name: ListRole.PRE_ADMISSION, COPY: ListRole.DISCHARGE})
        alone: Counter[Finding] = Counter()
        complete = one.list.state is ListState.COMPLETE
        for way, (given, roles) in lists.items():
            result = reconcile(given, knowledge, one.at, roles)
            said = Counter((d.rule, d.severity) for d in result.discrepancies)
            alone = alone or said
            found.append(
                Seen(one.group, one.label, complete, way, _flat(said), _flat(said - alone) if way != ALONE else ())
            )
    return found


def _flat(counted: Counter[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(counted.elements()))


def burden(seen: Sequence[Seen]) -> Burden:
    groups = list(dict.fromkeys(one.group for one in seen))
    spreads = tuple(
        _spread(
            group, way, [s for s in seen if s.way == way and group in {s.group, ALL, COMPLETE if s.complete else ""}]
        )
        for group in (*groups, ALL, COMPLETE)
        for way in WAYS
    )
    rules: dict[str, dict[str, dict[str, float]]] = {}
    for way in WAYS:
        mine = [s for s in seen if s.way == way]
        counted = Counter(f for s in mine for f in s.findings)
        for (rule, severity), count in sorted(counted.items()):
            rules.setdefault(way, {}).setdefault(rule, {})[str(severity)] = round(100 * count / len(mine), 1)
    calm = all(s.serious[0] == 0 for s in spreads if s.way in {EQUAL, STYLE} and s.group in {ALL, COMPLETE})
    return Burden(spreads=spreads, rules=rules, calm=calm)


def _spread(group: str, way: str, seen: Sequence[Seen]) -> Spread:
    return Spread(
        group=group,
        way=way,
        patients=len(seen),
        serious=_median_and_p90([_serious(s.findings) for s in seen]),
        all=_median_and_p90([len(s.findings) for s in seen]),
        added_serious=_median_and_p90([_serious(s.added) for s in seen]),
    )


def _serious(findings: Sequence[Finding]) -> int:
    return sum(severity >= 2 for _, severity in findings)


def _median_and_p90(values: Sequence[int]) -> tuple[float, float]:
    ordered = sorted(values)
    return float(statistics.median(ordered)), float(ordered[min(len(ordered) - 1, int(len(ordered) * 0.9))])


def rows(knowledge: Knowledge) -> tuple[tuple[str, str, str], ...]:
    """(label, value in words, how many) for the accuracy table. Raises NoRecords."""
    return tuple(
        (f"{s.group}, {s.way}: severity 2 and 3 per patient", _words(s.serious), str(s.patients))
        for s in burden(look(knowledge)).spreads
    )


def _words(pair: tuple[float, float]) -> str:
    return f"median {pair[0]:g}, P90 {pair[1]:g}"


def show(found: Burden, console: Console) -> None:
    table = Table(title="Findings per patient on real lists: median, P90", title_justify="left")
    for column in ("Lists", "Beside it"):
        table.add_column(column)
    for column in ("patients", "severity 2 and 3", "of them added", "all"):
        table.add_column(column, justify="right")
    for s in found.spreads:
        pairs = (s.serious, s.added_serious, s.all)
        table.add_row(s.group, s.way, str(s.patients), *(f"{a:g}, {b:g}" for a, b in pairs))
    console.print(table)
    table = Table(title="Findings for 100 patients, by rule and severity", title_justify="left")
    table.add_column("Rule")
    for way in WAYS:
        table.add_column(way, justify="right")
    rules = sorted({rule for by_rule in found.rules.values() for rule in by_rule})
    for rule in rules:
        cells = [found.rules.get(way, {}).get(rule, {}) for way in WAYS]
        table.add_row(rule, *("  ".join(f"{s}: {n:g}" for s, n in sorted(c.items(), reverse=True)) for c in cells))
    console.print(table)


def main() -> int:
    console = Console(width=130)
    try:
        seen = look(load_knowledge())
    except NoRecords as reason:
        console.print(f"[bold red]NOT MEASURED: the alert burden. {reason}.")
        return 0
    found = burden(seen)
    show(found, console)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "alert_burden.json").write_text(json.dumps(to_builtins(found), indent=2) + "\n")
    if not found.calm:
        console.print("[bold red]The median patient with two equal lists has findings of severity 2 or 3.")
    return 0 if found.calm else 1


if __name__ == "__main__":
    sys.exit(main())
