"""One row of the review: its cells in the order of the lists, what differs, and what may be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from gateway.records.decision import Decision
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.review import words
from gateway.review.cells import Cell, Group, cell_of, groups_of, merged
from gateway.review.decided import Choice, DecisionView, decision_view
from gateway.review.differences import differing
from gateway.review.entries import EntryView, EntryWords, entry_view, marks_of, narrowed


class FindingView(Struct, frozen=True, kw_only=True):
    """A finding with the words of its rule and of its severity; `review` says whether a person has signed the rule."""

    finding: Discrepancy
    title: str
    severity: str
    review: str = ""


class RowView(Struct, frozen=True, kw_only=True):
    """`section` is differs, one-list, same or not-current. `severity` 3 to 0, None where nothing was found.

    `one_click`: the same on every list, every list complete, not critical and nothing found, so that to continue it
    needs no form. `nameable` is what a person may say of the names: which medicine an unread one is, or that it is not.
    `part` is which part of a medicine that a person parted; `look_again` what was decided before the row changed.
    """

    id: str
    medicine: str
    section: str
    severity: int | None
    severity_words: str | None
    findings: tuple[FindingView, ...]
    indication: str | None
    level: str
    reasons: tuple[str, ...]
    cells: tuple[Cell, ...]
    groups: tuple[Group, ...]
    choices: tuple[Choice, ...]
    decision: DecisionView | None
    version: int
    decided: bool
    one_click: bool
    nameable: str | None = None
    part: str | None = None
    may_part: bool = False
    look_again: DecisionView | None = None


def row_view(
    row: Row,
    lists: Sequence[MedicineList],
    entries: Mapping[str, MedicineEntry],
    said: Mapping[str, EntryWords],
    findings: Sequence[FindingView],
    decision: Decision | None,
    version: int,
    reasons: Mapping[str, str],
    *,
    critical: bool = False,
    part: str | None = None,
    look_again: Decision | None = None,
) -> RowView:
    """`lists` stand in the order of the columns; `findings` are the row's, worst first."""
    between = [p for f in findings if f.finding.scope == "between" for p in f.finding.evidence]
    marks = narrowed({e: m for e, m in marks_of(between).items() if e in said}, said)
    own = differing([entries[e] for e in row.entries], said)
    by_hand = {one.name for one in lists if one.written.by_hand}
    views = {
        e: entry_view(entries[e], said[e], _marks(entries[e], marks.get(e), own), by_hand=entries[e].list in by_hand)
        for e in row.entries
    }
    cells = merged([cell_of(one, [views[e] for e in row.entries if entries[e].list == one.name]) for one in lists])
    indications = [v.indication for v in views.values() if v.indication]
    severity = max((f.finding.severity for f in findings), default=None)
    choices = _choices(cells, findings)
    section = _section(cells, findings, lists)
    to_check = any(f.finding.second_check for f in findings)
    return RowView(
        id=row.id,
        medicine=row.medicine,
        section=section,
        severity=severity,
        severity_words=None if severity is None else words.SEVERITY[severity],
        findings=tuple(findings),
        indication="; ".join(dict.fromkeys(indications)) or None,
        level=words.LEVEL.get(row.level, row.level.value),
        reasons=row.reasons,
        cells=cells,
        groups=groups_of(cells),
        choices=choices,
        decision=decision_view(decision, views, choices, reasons, to_check=to_check) if decision else None,
        version=version,
        decided=decision is not None and not decision.open,
        one_click=(
            section == "same"
            and not critical
            and not findings
            and len(choices) == 1
            and all(one.state is ListState.COMPLETE for one in lists)
        ),
        nameable=_nameable([entries[e] for e in row.entries]),
        part=part,
        may_part=len(row.entries) > 1,
        look_again=decision_view(look_again, views, choices, reasons) if look_again else None,
    )


def _nameable(entries: Sequence[MedicineEntry]) -> str | None:
    if any(e.product.confirmed for e in entries):
        return "Joined by a person: see, or take it back"
    unread = any(not e.product.understood and not e.product.contradictions for e in entries)
    return "Say which medicine this is" if unread else None


def _marks(entry: MedicineEntry, found: frozenset[str] | None, own: frozenset[str]) -> frozenset[str]:
    """What a finding points at, and what differs beside it; a finding on the dose says itself which part differs."""
    if found is None:
        return own if entry.current else frozenset()
    dose = {"amount", "rest"}
    return found | (own - dose - {"strength"} if found & dose else own if entry.current else frozenset())


def _section(cells: Sequence[Cell], findings: Sequence[FindingView], lists: Sequence[MedicineList]) -> str:
    holding = [name for cell in cells if cell.entries for name in cell.lists]
    if not holding:
        return "not-current"
    if len(holding) == 1 and sum(not one.written.by_hand or one.name in holding for one in lists) > 1:
        return "one-list"
    could_hold = [one.name for one in lists if one.state is ListState.COMPLETE and not one.written.by_hand]
    absent = set(could_hold) - set(holding)
    shown = {frozenset(e.value for e in cell.entries) for cell in cells if cell.entries}
    if absent or len(shown) > 1 or any(f.finding.severity > 0 or f.finding.scope == "between" for f in findings):
        return "differs"
    return "same"


def _choices(cells: Sequence[Cell], findings: Sequence[FindingView]) -> tuple[Choice, ...]:
    """One for each distinct value. Parts of one dose continue together; a duplicate on one list is chosen from."""
    doubled = {e for f in findings if f.finding.rule == "same-list-duplicate" for e in f.finding.entries}
    groups: dict[tuple[object, ...], list[tuple[str, tuple[EntryView, ...]]]] = {}
    for cell in cells:
        for name, title in zip(cell.lists, cell.titles, strict=True):
            mine = tuple(e for e in cell.entries if e.list == name)
            apart = [(e,) for e in mine] if any(e.id in doubled for e in mine) else [mine] if mine else []
            for parts in apart:
                key = tuple(sorted(str(e.value) for e in parts))
                groups.setdefault(key, []).append((title, parts))
    return tuple(
        Choice(
            value="continue:" + "|".join(e.id for e in found[-1][1]),
            entries=found[-1][1],
            titles=words.joined(list(dict.fromkeys(title for title, _ in found))),
        )
        for found in groups.values()
    )
