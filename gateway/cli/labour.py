"""`gateway labour report`: the figures of the labour page, as a table or JSON."""

from __future__ import annotations

import sys

import click


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
