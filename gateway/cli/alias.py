"""`gateway alias list|add|reverse`: what people confirmed of names that the gateway cannot read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from gateway.errors import NotFound

if TYPE_CHECKING:
    from gateway.actions.access import Person
    from gateway.store.database import Database


@click.group()
def alias() -> None:
    """Names that cannot be read, and how a pharmacist confirmed that they are to be read."""


@alias.command("list")
def list_() -> None:
    """Every version, also those that stand no longer."""
    from gateway.actions.aliases import list_aliases

    with _opened() as database:
        for one in list_aliases(database):
            state = "stands" if one.standing else "reversed" if one.reversed_at else "replaced"
            where = one.organisation or "everywhere"
            said = f"{one.role} {one.at[:10]}: {one.reason}"
            click.echo(f"{one.id}\t{state}\t{where}\tv{one.version}\t{one.written}\t{one.read_as}\t{said}")


@alias.command()
@click.argument("written")
@click.argument("read_as")
@click.option("--organisation", metavar="SOURCE", help="Only on this source's lists; default: on all.")
@click.option("--by", required=True, metavar="NAME", help="The pharmacist's account.")
@click.option("--reason", required=True)
def add(written: str, read_as: str, organisation: str | None, by: str, reason: str) -> None:
    """Read the name WRITTEN, which cannot be read, as READ_AS from now on."""
    from gateway.actions.confirm_alias import confirm_alias
    from gateway.actions.reconcile import load_vocabulary_only

    vocabulary = load_vocabulary_only()
    with _opened() as database:
        made = confirm_alias(
            database,
            vocabulary,
            written=written,
            read_as=read_as,
            organisation=organisation,
            reason=reason,
            by=_person(database, by),
            now=dt.datetime.now(dt.UTC),
        )
    click.echo(f"{made.id}: {made.written} is read as {' + '.join(made.ingredients)}, version {made.version}")


@alias.command()
@click.argument("alias_id", metavar="ID")
@click.option("--by", required=True, metavar="NAME", help="The pharmacist's account.")
@click.option("--reason", required=True)
def reverse(alias_id: str, by: str, reason: str) -> None:
    """Take it back; the name is unread again, the history stays."""
    from gateway.actions.reverse_alias import reverse_alias

    with _opened() as database:
        made = reverse_alias(
            database, alias=alias_id, reason=reason, by=_person(database, by), now=dt.datetime.now(dt.UTC)
        )
    click.echo(f"{made.id}: {made.written} is not read any more")


def _person(database: Database, name: str) -> Person:
    from gateway.actions.accounts import list_accounts

    for one in list_accounts(database):
        if one.name == name.strip().lower():
            return one
    raise NotFound(f"There is no account {name!r}; see gateway user list.")


@contextmanager
def _opened() -> Iterator[Database]:
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    try:
        yield database
    finally:
        database.close()
