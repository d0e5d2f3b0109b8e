"""`gateway arrivals`: ask the registered hospitals who is there, and put them onto the worklist."""

from __future__ import annotations

import asyncio
import datetime as dt
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.actions.take_arrivals import SourceArrivals
    from gateway.settings import Settings
    from gateway.store.database import Database


@click.command()
def arrivals() -> None:
    """Look for new patients; doing it again changes nothing.

    One line for each hospital. Exit status 3 where one did not tell everything, or none is registered.
    """
    from gateway.settings import Settings
    from gateway.store.database import open_database

    settings = Settings.from_environment()
    database = open_database(settings.database_url)
    try:
        found = asyncio.run(_look(database, settings))
    finally:
        database.close()
    for one in found:
        click.echo(
            f"{one.organisation}: {one.new} new, {one.changed} changed, {one.ended} left, {one.unchanged} as before, "
            f"{one.set_aside} set aside"
        )
        for cause in one.causes:
            click.echo(f"{one.organisation}: it may not be all: {cause}", err=True)
    if not found:
        click.echo("No hospital is registered, so nobody could be asked.", err=True)
    if not found or any(one.causes for one in found):
        raise click.exceptions.Exit(3)


async def _look(database: Database, settings: Settings) -> tuple[SourceArrivals, ...]:
    from gateway.actions.reconcile import load_knowledge
    from gateway.actions.take_arrivals import take_arrivals
    from gateway.sources.connections import Connections

    def now() -> dt.datetime:
        return dt.datetime.now(dt.UTC)

    knowledge = load_knowledge(settings.cache_dir, settings.site_file)
    async with Connections(settings, now) as connections:
        return await take_arrivals(database, settings, knowledge, connections, now=now)
