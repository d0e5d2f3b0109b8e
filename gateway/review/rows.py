"""One row of the review: its cells in the order of the lists, what differs, and what may be decided."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
from msgspec import Struct

from gateway.records.decision import Decision, Outcome
from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.review import words
from gateway.review.differences import differing
from gateway.review.entries import EntryView, EntryWords, entry_view, marks_of, narrowed


class Cell(Struct, frozen=True, kw_only=True):
    """One list's place in a row, or several neighbours' that agree. Without `entries`, `absence` says why."""

    lists: tuple[str, ...]
    titles: tuple[str, ...]
    entries: tuple[EntryView, ...]
    others: tuple[EntryView, ...] = ()
    absence: str | None = None
    alarming: bool = False
    baseline: bool = False

    @property
    def agree(self) -> str | None:
        return f"{words.joined(list(self.titles))} agree" if len(self.titles) > 1 else None


class FindingView(Struct, frozen=True, kw_only=True):
    """A finding with the words of its rule and of its severity; `review` says whether a person has signed the rule."""

    finding: Discrepancy
    title: str
    severity: str
    review: str = ""


class Choice(Struct, frozen=True, kw_only=True):
    """One value that may be continued: the entries that hold it and the lists they stand on."""

    value: str
    entries: tuple[EntryView, ...]
    titles: str


class DecisionView(Struct, frozen=True, kw_only=True):
    """What was decided: in one line, with the reason in words."""

    words: str
    reason: str | None
    note: str | None
    at: str | None
    open: bool
    waits_for_check: bool = False
    checked_at: str | None = None
    actor: str = ""
    entries: tuple[EntryView, ...] = ()


class Group(Struct, frozen=True, kw_only=True):
    """The lists, neighbours or not, that show the same in a row: the value first, who says so beside it."""

    cell: Cell
    titles: tuple[str, ...]


class RowView(Struct, frozen=True, kw_only=True):
    """`section` is differs, one-list, same or not-current. `severity` 3 to 0, None where nothing was found.

    `one_click`: the same on every list, every list complete, not critical and nothing found, so that to continue it
    needs no form. `nameable` is what a person may say of the names: which medicine an unread one is, or that it is not.
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
) -> RowView:
    """`lists` stand in the order of the columns; `findings` are the row's, worst first."""
    between = [p for f in findings if f.finding.scope == "between" for p in f.finding.evidence]
    marks = narrowed({e: m for e, m in marks_of(between).items() if e in said}, said)
    own = differing([entries[e] for e in row.entries], said)
    views = {e: entry_view(entries[e], said[e], _marks(entries[e], marks.get(e), own)) for e in row.entries}
    cells = _merged([_cell(one, [views[e] for e in row.entries if entries[e].list == one.name]) for one in lists])
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
        groups=_groups(cells),
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


def _cell(one: MedicineList, entries: Sequence[EntryView]) -> Cell:
    current = tuple(e for e in entries if e.current)
    others = tuple(e for e in entries if not e.current)
    absence = None if current or others else words.ABSENCE[one.state]
    return Cell(
        lists=(one.name,),
        titles=(words.title(one),),
        entries=current,
        others=others,
        absence=absence,
        alarming=one.state is not ListState.COMPLETE,
        baseline=words.when_in_care(one) == "This admission",
    )


def _merged(cells: Sequence[Cell]) -> tuple[Cell, ...]:
    """Neighbours that show the same value stand in one cell; a medicine that is no longer current keeps its own.

    Before admission and this admission stay apart, so that the hospital's column keeps its place, unless all agree.
    """
    all_agree = all(_same(cells[0], cell, across=True) for cell in cells)
    merged: list[Cell] = []
    for cell in cells:
        before = merged[-1] if merged else None
        if before and _same(before, cell, across=all_agree):
            merged[-1] = Cell(
                lists=before.lists + cell.lists,
                titles=before.titles + cell.titles,
                entries=before.entries + cell.entries,
                baseline=before.baseline,
            )
        else:
            merged.append(cell)
    return tuple(merged)


def _same(a: Cell, b: Cell, *, across: bool) -> bool:
    if not a.entries or not b.entries or a.others or b.others:
        return False
    if a.baseline != b.baseline and not across:
        return False
    return {e.value for e in a.entries} == {e.value for e in b.entries}


def _groups(cells: Sequence[Cell]) -> tuple[Group, ...]:
    """Each distinct value once; lists without the medicine are told apart by why it is not there."""
    found: list[Group] = []
    for cell in cells:
        for n, one in enumerate(found):
            absent = bool(cell.absence) and cell.absence == one.cell.absence
            if absent or _same(one.cell, cell, across=True):
                joined_cell = msgspec.structs.replace(
                    one.cell,
                    lists=one.cell.lists + cell.lists,
                    titles=one.cell.titles + cell.titles,
                    entries=one.cell.entries + cell.entries,
                )
                found[n] = Group(cell=joined_cell, titles=joined_cell.titles)
                break
        else:
            found.append(Group(cell=cell, titles=cell.titles))
    return tuple(found)


def _section(cells: Sequence[Cell], findings: Sequence[FindingView], lists: Sequence[MedicineList]) -> str:
    holding = [name for cell in cells if cell.entries for name in cell.lists]
    if not holding:
        return "not-current"
    if len(holding) == 1 and len(lists) > 1:
        return "one-list"
    could_hold = [one.name for one in lists if one.state is ListState.COMPLETE]
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


_OUTCOME = {
    Outcome.STOP: "Stop",
    Outcome.NOT_TAKING: "Not taking",
    Outcome.ASK: "Waiting for the prescriber",
}


def decision_view(
    decision: Decision,
    views: Mapping[str, EntryView],
    choices: Sequence[Choice],
    reasons: Mapping[str, str],
    *,
    to_check: bool = False,
) -> DecisionView:
    """In words; what continues carries no marks, since nothing differs once it is decided."""
    said = _OUTCOME.get(decision.outcome)
    entries = tuple(msgspec.structs.replace(views[e], marks=frozenset()) for e in decision.as_on if e in views)
    if decision.outcome is Outcome.CONTINUE:
        kept = set(decision.as_on)
        titles = next((c.titles for c in choices if kept == {e.id for e in c.entries}), None)
        said = f"Continue as on {titles or words.joined(sorted({e.list for e in entries}))}"
    elif decision.outcome is Outcome.CHANGE:
        said = f"Change to: {decision.change_to}"
        read = decision.understood
        said += f" (understood as {read.words})" if read else " (not understood, kept as written)"
    elif decision.outcome is Outcome.WITHHOLD:
        said = f"Withhold; restart: {decision.restart}"
    return DecisionView(
        words=said or decision.outcome.value,
        reason=reasons.get(decision.reason or ""),
        note=decision.note,
        at=words.time(decision.at),
        open=decision.open,
        waits_for_check=to_check and not decision.open and decision.checked_by is None,
        checked_at=words.time(decision.checked_at),
        actor=decision.actor,
        entries=entries,
    )
