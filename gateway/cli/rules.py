"""`gateway rules`: the catalogue of discrepancy rules."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click
import msgspec

if TYPE_CHECKING:
    from rich.console import Console

    from gateway.discrepancies.pack import CatalogueLine

WIDE = 140


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--width", type=click.IntRange(40, 400), help="Table: columns; default: the terminal's, or 160.")
def rules(form: str, width: int | None) -> None:
    """Every rule: words, severity, source, review state, the data it needs, what the site does otherwise."""
    from gateway.actions.reconcile import load_knowledge
    from gateway.actions.rule_catalogue import rule_catalogue
    from gateway.settings import Settings

    settings = Settings.from_environment()
    knowledge = load_knowledge(settings.cache_dir, settings.site_file)
    lines = rule_catalogue(knowledge)
    if form == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(lines), indent=2) + b"\n")
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(width=width, highlight=False)
    if width is None and not console.is_terminal:
        console = Console(width=160, highlight=False)
    site = f"; as used by {knowledge.rules.site.site}" if knowledge.rules.site else ""
    console.print(Text(f"Rule pack {knowledge.rules.version}: {len(lines)} rules{site}", style="bold"))
    drafted = sum(one.review.state != "reviewed" for one in lines)
    console.print(f"{drafted} of them are drafted: no clinical safety officer has signed them yet.")
    console.print("Severity: 3 severe, 2 moderate, 1 unlikely to harm, 0 cannot be decided.\n")
    (_wide if console.width >= WIDE else _narrow)(console, lines)


def _wide(console: Console, lines: Sequence[CatalogueLine]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, show_lines=True, pad_edge=False, expand=True)
    table.add_column("#", no_wrap=True)
    table.add_column("Rule", no_wrap=True)
    for column, ratio in (("What it finds", 10), ("Severity", 4), ("Needs", 5), ("Source", 5)):
        table.add_column(column, overflow="fold", ratio=ratio)
    table.add_column("Review", no_wrap=True)
    for one in lines:
        said = Text(f"{one.words}. {one.condition}")
        for words in _remarks(one):
            said.append(f"\n{words}", style="bold")
        needs = "; ".join(one.needs)
        table.add_row(
            str(one.number), Text(one.id, style="bold"), said, one.severity, needs, one.source, one.review.state
        )
    console.print(table)


def _narrow(console: Console, lines: Sequence[CatalogueLine]) -> None:
    from rich.padding import Padding
    from rich.text import Text

    for one in lines:
        console.print(Text(f"{one.number} {one.id}: {one.words}", style="bold"))
        said = [one.condition, f"Severity: {one.severity}. Scope: {one.scope}. Review: {one.review.state}."]
        said += [f"Needs: {'; '.join(one.needs)}."] if one.needs else []
        said.append(f"Source: {one.source}")
        for words in said:
            console.print(Padding(Text(words), (0, 0, 0, 3)))
        for words in _remarks(one):
            console.print(Padding(Text(words, style="bold"), (0, 0, 0, 3)))
        console.print()


def _remarks(one: CatalogueLine) -> list[str]:
    found = [] if one.evaluated else ["This version does not evaluate it yet."]
    if one.switched_off:
        found.append(f"Switched off at this site: {one.switched_off.rstrip('.')}.")
    if one.graded_by_site:
        found.append(f"Graded by this site: {one.graded_by_site}.")
    return found
