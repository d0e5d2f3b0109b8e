"""`gateway rules`: the catalogue of discrepancy rules."""

from __future__ import annotations

import sys

import click
import msgspec


@click.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
@click.option("--width", type=click.IntRange(40, 400))
def rules(form: str, width: int | None) -> None:
    """Every rule: words, severity, source, review state, the data it needs, and whether this version evaluates it."""
    from gateway.actions.rule_catalogue import rule_catalogue

    lines = rule_catalogue()
    if form == "json":
        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(lines), indent=2) + b"\n")
        return
    from rich import box
    from rich.console import Console
    from rich.table import Table

    console = Console(width=width, highlight=False)
    table = Table(box=box.SIMPLE_HEAD, show_lines=True, pad_edge=False)
    for column in ("#", "Rule", "Words", "Severity", "Needs", "Source", "Review", "Evaluated"):
        table.add_column(column, overflow="fold")
    for one in lines:
        table.add_row(
            str(one.number),
            one.id,
            one.condition,
            one.severity,
            "; ".join(one.needs),
            one.source,
            one.review.state,
            "yes" if one.evaluated else "not yet",
        )
    console.print(table)
