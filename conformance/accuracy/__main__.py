"""`make accuracy`: how well names, pairs, doses, transfers and populations are understood, beside published methods.

Prints tables and writes build/accuracy.json. Every row is measured on the real records (`GATEWAY_RECORDS`) or on
patients invented for this run. The tuned nine tenths and the tenth kept aside stand in columns of their own;
`--list-errors [WORDS]` lists what went wrong in the tuned part, never in the other. `--only WORDS` measures one part.
A part or a peer that is missing is said loudly and left out.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.accuracy.counts import Line
from conformance.accuracy.parts import PARTS, Figures, NotThere, Part
from conformance.accuracy.peers.scored import missing
from conformance.accuracy.records import NoRecords
from gateway.actions.reconcile import Knowledge, load_knowledge

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.accuracy", description=__doc__)
    parser.add_argument("--list-errors", nargs="?", const="", metavar="WORDS", help="of the measures named so")
    parser.add_argument("--only", choices=[part.name for part in PARTS], action="append")
    asked = parser.parse_args(arguments)
    console = Console(width=148)
    lacking = missing()
    for peer, why in lacking.items():
        console.print(f"[bold red]NOT MEASURED: {peer}, {why}. `make accuracy` installs it (requirements-bench.txt).")
    knowledge = load_knowledge()
    found: dict[str, object] = {}
    for part in PARTS:
        if asked.only and part.name not in asked.only:
            continue
        measured = _measured(part, knowledge, console)
        found[part.name] = _written(measured)
        if asked.list_errors is not None and measured is not None:
            list_errors(measured, asked.list_errors, console)
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    written = {"vocabulary": knowledge.vocabulary.version, "peers_missing": lacking, "parts": found}
    (build / "accuracy.json").write_text(json.dumps(written, indent=2) + "\n")
    return 0


def _measured(part: Part, knowledge: Knowledge, console: Console) -> list[Line] | Figures | None:
    start = time.perf_counter()
    try:
        measured = part.measure(knowledge)
    except (NoRecords, NotThere) as reason:
        console.print(f"[bold red]NOT MEASURED: {part.name}. {escape(str(reason))}.")
        return None
    title = f"{part.title} ({time.perf_counter() - start:.0f} s)"
    if isinstance(measured, Figures):
        console.print(_figures(title, measured))
    else:
        console.print(_table(title, measured, part.aside))
    return measured


def _table(title: str, lines: Sequence[Line], aside: str) -> Table:
    """A heading for each measure, then a row for each method."""
    table = Table(title=title, title_justify="left", caption=f"aside: {aside}")
    table.add_column("", overflow="fold", min_width=30)
    for column in ("n", "prec.", "recall", "F1", "wrong", "abst.", "safe recall"):
        table.add_column(column, justify="right")
    for n, column in enumerate(("n", "prec.", "recall", "wrong")):
        table.add_column(f"aside: {column}" if n == 0 else column, justify="right", style="dim")
    table.add_column("", overflow="fold", style="dim")
    last = None
    for line in lines:
        if line.measure != last:
            if last is not None:
                table.add_section()
            goal = f"goal: {line.goal}" if line.goal else ""
            table.add_row(f"[bold]{escape(line.measure)}[/]", *[""] * 11, escape(goal))
        last = line.measure
        tuned, kept = line.tuned, line.kept
        wrong = f"[bold red]{tuned.wrong:,}[/]" if tuned.wrong and line.method == "gateway" else f"{tuned.wrong:,}"
        table.add_row(
            f"  {escape(line.method)}",
            f"{tuned.n:,}",
            *(_share(v) for v in (tuned.precision, tuned.recall, tuned.f1)),
            wrong,
            f"{tuned.abstained:,}",
            _share(line.safe_recall),
            *((f"{kept.n:,}", _share(kept.precision), _share(kept.recall), f"{kept.wrong:,}") if kept else ("",) * 4),
            escape(line.note),
        )
    return table


def _share(value: float | None) -> str:
    """Three places; what is not all is never rounded up to 1."""
    if value is None:
        return ""
    if value == 1:
        return "1"
    return f"{value:.3f}" if value < 0.9995 else f"{min(value, 0.99999):.5f}"


def _figures(title: str, figures: Figures) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("measure", overflow="fold")
    table.add_column("figure", justify="right")
    table.add_column("of", justify="right")
    for label, value, n in figures.rows:
        table.add_row(escape(label), value, n)
    return table


def _written(measured: list[Line] | Figures | None) -> object:
    if measured is None:
        return "not measured"
    if isinstance(measured, Figures):
        return [dict(zip(("measure", "figure", "of"), row, strict=True)) for row in measured.rows]
    return [line.as_object() for line in measured]


def list_errors(measured: list[Line] | Figures, words: str, console: Console) -> None:
    if isinstance(measured, Figures):
        return
    for line in measured:
        if line.errors and words.lower() in f"{line.measure} {line.method}".lower():
            heading = f"{line.measure}, {line.method}: {len(line.errors)} in the tuned part"
            console.print("\n".join((heading, *line.errors)), markup=False, highlight=False, soft_wrap=True)


if __name__ == "__main__":
    sys.exit(main())
