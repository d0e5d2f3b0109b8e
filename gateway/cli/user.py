"""`gateway user add|list`."""

from __future__ import annotations

import datetime as dt

import click


@click.group()
def user() -> None:
    """Accounts that may sign in."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, metavar="ROLE", help="pharmacist, audit-clerk, integrator or manager")
@click.option("--display-name", help="As pages show it; default: NAME.")
@click.option("--staff-group", help="For labour figures by group, never by person.")
@click.option("--band", help="Pay band, for costs by group.")
@click.password_option(help="Asked for where it is not given; GATEWAY's history of shells should not hold it.")
def add(
    name: str, role: str, display_name: str | None, staff_group: str | None, band: str | None, password: str
) -> None:
    """Create an account."""
    from gateway.actions.accounts import create_account
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    try:
        made = create_account(
            database,
            name=name,
            display_name=display_name or name,
            role=role,
            password=password,
            now=dt.datetime.now(dt.UTC),
            staff_group=staff_group,
            band=band,
        )
    finally:
        database.close()
    click.echo(f"{made.name}: {made.role}")


@user.command("list")
def list_() -> None:
    """Names and roles."""
    from gateway.actions.accounts import list_accounts
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    for one in list_accounts(database):
        click.echo(f"{one.name}\t{one.role}\t{one.display_name}")
    database.close()
