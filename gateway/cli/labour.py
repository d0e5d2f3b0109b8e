"""`gateway labour report`: the figures of the labour page, as a table or JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.actions.labour_export import Form


@click.group()
def labour() -> None:
    """What the work costs, by role and reason, never by person."""


@labour.command()
@click.option("--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True)
def report(form: str) -> None:
    """Every figure of the ledger with its sample size."""
    from gateway.actions.labour_page import labour_figures
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    found = labour_figures(database)
    database.close()
    if form == "json":
        import msgspec

        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=2) + b"\n")
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(title=f"Labour, from {found.rows:,} ledger rows")
    for heading in ("Figure", "Group", "Value", "n"):
        table.add_column(heading, overflow="fold")
    for one in found.measures:
        group = ", ".join(f"{key} {value}" for key, value in one.group)
        value = "fewer than five acts" if one.value is None else f"{one.value:g} {one.unit}"
        table.add_row(one.label, group, value, str(one.n))
    Console().print(table)


@labour.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format", "form", type=click.Choice(["ocel-json", "ocel-sqlite", "xes", "csv", "parquet"]), default="ocel-json",
    show_default=True,
)  # fmt: skip
@click.option("--people", is_flag=True, help="Add a keyed hash of who acted, to see hand-overs; never a name.")
def export(out: Path, form: Form, people: bool) -> None:
    """All steps as events for process mining, pseudonymised, with a data dictionary beside the file."""
    from gateway.actions.labour_export import export_labour
    from gateway.settings import Settings
    from gateway.store.database import open_database

    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        count = export_labour(database, settings, form=form, out=out, people=people)
    finally:
        database.close()
    click.echo(f"{count:,} events written to {out.name}, what they mean to {out.name}.dictionary.csv", err=True)


@labour.command("check-card")
@click.argument("path", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--qualdash", is_flag=True, help="The file is a QualDash metric specification (MSS).")
def check_card(path: Path, qualdash: bool) -> None:
    """Whether a file is a metric card; of a QualDash file, what it counts and where QualDash's figures differ."""
    from gateway.actions.check_card import check_card_file

    lines, wrong = check_card_file(path.read_bytes(), path.name, qualdash=qualdash)
    for line in lines:
        click.echo(line)
    if wrong:
        click.echo(wrong, err=True)
        sys.exit(2)
