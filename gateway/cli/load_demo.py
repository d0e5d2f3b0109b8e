"""`gateway load-demo`: the invented people into two FHIR servers, and both into the gateway's own database."""

from __future__ import annotations

import asyncio
import datetime as dt
import os

import click

from gateway.errors import UsageError
from gateway.settings import Settings

#: Not an option: a command line can be read by every user of the machine.
PASSWORD = "DEMO_PASSWORD"  # noqa: S105 - the variable's name


@click.command("load-demo")
@click.option("--hospital", required=True, metavar="URL", help="Base address of a FHIR R4 server.")
@click.option("--pharmacy", required=True, metavar="URL", help="Base address of another one.")
@click.option("--wait", type=click.FloatRange(0, 3600), default=300.0, show_default=True,
              help="Seconds to wait for both to answer.")  # fmt: skip
def load_demo(hospital: str, pharmacy: str, wait: float) -> None:
    """Put invented people into two empty FHIR R4 servers, for trying the gateway against servers of others.

    Registers both as sources, makes accounts for every role (with the password in the environment
    variable DEMO_PASSWORD), and opens a review for everyone. Doing it again keeps accounts, sources and reviews.
    """
    from gateway.actions.passwords import SHORTEST_PASSWORD
    from gateway.actions.reconcile import load_knowledge
    from gateway.demo.load import demo_sources, load_records
    from gateway.demo.register import open_demo_reviews, register_demo_accounts, register_demo_sources
    from gateway.demo.stories import load_stories
    from gateway.store.database import open_database

    password = os.environ.get(PASSWORD, "")
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"set {PASSWORD} to a password of at least {SHORTEST_PASSWORD} characters")
    if hospital.rstrip("/") == pharmacy.rstrip("/"):
        raise UsageError("the hospital and the pharmacy must be two servers: each holds a record of its own")
    settings = Settings.from_environment()
    stories, now = load_stories(), dt.datetime.now(dt.UTC)
    sources = demo_sources(stories, hospital, pharmacy)
    database = open_database(settings.database_url)
    try:
        # First, so that a source of the same name elsewhere stops all of it before anything is put anywhere.
        register_demo_sources(database, sources, now, click.echo)
        pharmacist = register_demo_accounts(
            database, stories, {one.account: password for one in stories.staff}, now, click.echo
        )
        asyncio.run(load_records(stories, sources, settings, now, wait_s=wait, tell=click.echo))
        knowledge = load_knowledge(settings.cache_dir, settings.site_file)
        opened = asyncio.run(open_demo_reviews(database, settings, knowledge, stories, pharmacist, now))
        click.echo(f"reviews: {opened} opened")
    finally:
        database.close()
