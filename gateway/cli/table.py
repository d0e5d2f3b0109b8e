"""The table of `gateway reconcile`: readable at 80 and at 160 columns, nothing cut off.

Wide: one column per list. Narrow: one block per medicine, one line per list. Both say first what did not arrive.
"""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from gateway.records.discrepancy import Discrepancy
from gateway.records.lists import ListState, MedicineEntry, MedicineList
from gateway.records.matching import Row
from gateway.records.nhs_number import spaced
from gateway.records.reconciliation import Reconciliation

WIDE = 110
SEVERITY = {3: ("SEVERE", "bold red"), 2: ("moderate", "yellow"), 1: ("minor", "cyan"), 0: ("look", "magenta")}
ABSENT = {
    ListState.COMPLETE: "Not on this list",
    ListState.PARTIAL: "Not in the part received",
    ListState.WITHHELD: "Withheld",
    ListState.FAILED: "No list received",
}


def print_table(one: Reconciliation, *, width: int | None = None, show_all: bool = False) -> None:
    console = Console(width=width, highlight=False, soft_wrap=False)
    if width is None and not console.is_terminal:
        console = Console(width=160, highlight=False)
    _head(console, one)
    _lists(console, one)
    sections = _sections(one, show_all)
    for title, rows in sections:
        if rows:
            console.print(f"\n{title}: {len(rows)} medicine{'s' if len(rows) != 1 else ''}", style="bold")
            (_wide if console.width >= WIDE else _narrow)(console, one, rows)
    _foot(console, one, show_all)


def _head(console: Console, one: Reconciliation) -> None:
    patient = one.patient
    if patient is None:
        console.print("Patient: no list says who it is about", style="bold")
    else:
        parts = [
            patient.name or "name not stated",
            f"born {patient.birth_date or 'not stated'}",
            f"NHS number {spaced(patient.nhs_number) if patient.nhs_number else 'not stated or not valid'}",
        ]
        console.print(Text(" – ".join(parts), style="bold"))
    console.print(f"Reconciled as at {one.at.isoformat()}")


def _lists(console: Console, one: Reconciliation) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for column in ("List", "Role", "State"):
        table.add_column(column, overflow="fold")
    for column in ("Received", "Entries", "Set aside", "Quarantined"):
        table.add_column(column, justify="right", overflow="fold", min_width=len(column) if console.width >= 80 else 1)
    for each in one.lists:
        written = each.written
        style = "" if each.state is ListState.COMPLETE else "bold red"
        counts = (written.received, len(each.entries), len(written.set_aside), len(written.quarantined))
        table.add_row(each.name, each.role.value, each.state.value, *map(str, counts), style=style)
    console.print(table)
    for each in one.lists:
        console.print(Text(f"  {each.name} is taken as {each.role.value}: {each.role_reason}"))
    for each in one.lists:
        for cause in each.written.causes if each.state is not ListState.COMPLETE else ():
            line = f"! {each.name} is {each.state.value}: {cause}"
            console.print(Text(line, style="bold red"))
        for warning in each.written.warnings:
            console.print(Text(f"  {each.name}: {warning}"))
    if not one.complete:
        console.print("! An empty place does not mean that the patient does not take the medicine.", style="bold red")


def _sections(one: Reconciliation, show_all: bool) -> list[tuple[str, list[Row]]]:
    entries = one.entries()
    shown = [row for row in one.rows if show_all or any(entries[e].current for e in row.entries)]
    worst = {row.id: max((d.severity for d in _found(one, row)), default=-1) for row in shown}
    shown.sort(key=lambda row: -worst[row.id])
    usable = sum(each.state is not ListState.FAILED for each in one.lists)
    differ, single, same = [], [], []
    for row in shown:
        lists = {entries[e].list for e in row.entries if show_all or entries[e].current}
        if len(lists) == 1 and usable > 1:
            single.append(row)
        elif worst[row.id] >= 0:
            differ.append(row)
        else:
            same.append(row)
    title = "Nothing found" if usable < 2 else "Same on every list that has it"
    return [("Differences", differ), ("On one list only", single), (title, same)]


def _found(one: Reconciliation, row: Row) -> list[Discrepancy]:
    return [d for d in one.discrepancies if d.row == row.id]


def _medicine(row: Row, entries: dict[str, MedicineEntry]) -> Text:
    brands = sorted({b for e in row.entries if (b := entries[e].product.brand)})
    text = Text(row.medicine, style="bold")
    if brands:
        text.append(f" – {', '.join(b.upper() for b in brands)}", style="not bold")
    if row.level.value in {"spelling", "confirmed"}:
        text.append(f"\n({row.level.value}: {'; '.join(row.reasons)})", style="not bold italic")
    return text


def _says(found: list[Discrepancy]) -> Text:
    text = Text()
    for n, d in enumerate(found):
        label, style = SEVERITY[d.severity]
        text.append("\n" if n else "")
        text.append(f"{label} {d.rule}", style=style)
        text.append(f" {d.message}{' Second check.' if d.second_check else ''}")
        text.append(f" {d.site_words}" if d.site_words else "", style="bold")
    return text


def _cell(row: Row, each: MedicineList, entries: dict[str, MedicineEntry], show_all: bool = False) -> Text:
    mine = [entries[e] for e in row.entries if entries[e].list == each.name]
    current = [e for e in mine if e.current or show_all]
    text = Text()
    for n, entry in enumerate(current):
        text.append("\n" if n else "")
        text.append(entry.text)
        dose = entry.dose.text or "dose not stated"
        text.append(f" – {dose}", style="" if entry.dose.parsed else "italic")
        if entry.written.status != "active" and entry.written.kind != "MedicationDispense":
            text.append(f" – {_status(entry)}", style="bold")
    ended = len(mine) - len(current)
    if ended:
        text.append(f"{chr(10) if current else ''}{ended} not current", style="dim")
    return text if mine else Text(ABSENT[each.state], style="red" if each.state is not ListState.COMPLETE else "dim")


def _status(entry: MedicineEntry) -> str:
    return "suspended" if entry.written.status == "on-hold" else entry.written.status


def _wide(console: Console, one: Reconciliation, rows: list[Row]) -> None:
    entries = one.entries()
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, show_lines=True)
    table.add_column("Medicine", overflow="fold", ratio=3)
    for each in one.lists:
        table.add_column(f"{each.name} ({each.role.value})", overflow="fold", ratio=3)
    table.add_column("What differs", overflow="fold", ratio=4)
    for row in rows:
        cells = [_cell(row, each, entries) for each in one.lists]
        table.add_row(_medicine(row, entries), *cells, _says(_found(one, row)))
    console.print(table)


def _narrow(console: Console, one: Reconciliation, rows: list[Row]) -> None:
    entries = one.entries()
    for row in rows:
        block = Table(box=None, show_header=False, pad_edge=False, padding=(0, 1))
        block.add_column(overflow="fold", max_width=18)
        block.add_column(overflow="fold")
        for each in one.lists:
            block.add_row(Text(f"  {each.name}"), _cell(row, each, entries))
        console.print()
        console.print(_medicine(row, entries))
        says = _says(_found(one, row))
        if says:
            console.print(says)
        console.print(block)


def _foot(console: Console, one: Reconciliation, show_all: bool) -> None:
    entries = one.entries()
    other = [d for d in one.discrepancies if d.row is None]
    if other:
        console.print("\nAbout the lists", style="bold")
        console.print(_says(other))
    if one.suggestions:
        console.print("\nPossibly the same medicine; a person decides", style="bold")
        for s in one.suggestions:
            names = " | ".join(entries[e].text for e in s.entries if e in entries)
            console.print(Text(f"  {names}: {s.why}"))
    for each in one.lists:
        for q in each.written.quarantined:
            console.print(Text(f"Quarantined – {each.name} {q.resource}: {q.cause}", style="bold red"))
    hidden = sum(not any(entries[e].current for e in row.entries) for row in one.rows)
    if hidden and not show_all:
        console.print(f"\n{hidden} medicine{'s' if hidden != 1 else ''} not current on any list; --all shows them.")
    for p in one.process:
        console.print(Text(f"Process – {p.flag}: {p.message}", style="bold red" if p.state == "late" else ""))
    if one.not_evaluated:
        console.print("\nNot evaluated", style="bold")
        for n in one.not_evaluated:
            console.print(Text(f"  {n.rule}: {n.cause}"))
    if one.switched_off:
        console.print(f"\nSwitched off at this site: {', '.join(one.switched_off)}", style="bold")
