"""`gateway user add|list|disable|enable|reset|unlock`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.store.database import Database


@click.group()
def user() -> None:
    """Accounts that may sign in."""


@contextmanager
def _database() -> Iterator[Database]:
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    try:
        yield database
    finally:
        database.close()


@user.command()
@click.argument("name")
@click.option(
    "--role", required=True, metavar="ROLE", help="pharmacist, audit-clerk, integrator, manager or administrator"
)
@click.option("--display-name", help="As pages show it; default: NAME.")
@click.option("--staff-group", help="For labour figures by group, never by person.")
@click.option("--band", help="Pay band, for costs by group.")
@click.password_option(help="Asked for where it is not given; GATEWAY's history of shells should not hold it.")
def add(
    name: str, role: str, display_name: str | None, staff_group: str | None, band: str | None, password: str
) -> None:  # fmt: skip
    """Create an account."""
    from gateway.actions.accounts import create_account

    with _database() as database:
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
    click.echo(f"{made.name}: {made.role}")


@user.command("list")
def list_() -> None:
    """Names, roles, display names and states, with tabs between them."""
    from gateway.actions.accounts import read_accounts

    with _database() as database:
        lines = read_accounts(database, dt.datetime.now(dt.UTC))
    for one in lines:
        state = "disabled" if one.disabled else f"locked until {one.locked_until}" if one.locked_until else "active"
        click.echo(f"{one.person.name}\t{one.person.role}\t{one.person.display_name}\t{state}")


@user.command()
@click.argument("name")
def disable(name: str) -> None:
    """Nobody signs in with it any more; who is signed in is signed out."""
    from gateway.actions.change_account import disable_account

    _change(name, disable_account, "disabled")


@user.command()
@click.argument("name")
def enable(name: str) -> None:
    """Undo `disable`."""
    from gateway.actions.change_account import enable_account

    _change(name, enable_account, "enabled")


@user.command()
@click.argument("name")
def unlock(name: str) -> None:
    """Sign-ins are taken again after too many wrong passwords."""
    from gateway.actions.change_account import unlock_account

    _change(name, unlock_account, "unlocked")


@user.command()
@click.argument("name")
def reset(name: str) -> None:
    """Print a one-time password, to be changed at the next sign-in."""
    from gateway.actions.change_account import account_named, reset_password

    with _database() as database:
        given = reset_password(database, account=account_named(database, name), by=None, now=dt.datetime.now(dt.UTC))
    click.echo(given)


def _change(name: str, act: Callable[..., None], done: str) -> None:
    from gateway.actions.change_account import account_named

    with _database() as database:
        act(database, account=account_named(database, name), by=None, now=dt.datetime.now(dt.UTC))
    click.echo(f"{name}: {done}")
