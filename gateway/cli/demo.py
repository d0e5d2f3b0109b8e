"""`gateway demo`, what `make run` starts: everything on this machine, nothing kept."""

from __future__ import annotations

import asyncio
import secrets
import socket
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.actions.house import House
from gateway.errors import GatewayError
from gateway.settings import Settings

if TYPE_CHECKING:
    from uvicorn import Server


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
def demo(port: int) -> None:
    """Three synthetic organisations, the gateway and its pages, all on loopback and in a temporary folder.

    Fifteen invented patients are fetched first. Prints addresses and sign-ins; Ctrl-C stops everything.
    """
    from gateway.app import create_app, utc_now
    from gateway.cli.serving import listening, server
    from gateway.demo.register import register_demo_accounts, register_demo_sources
    from gateway.demo.start import organisations
    from gateway.demo.stories import load_stories
    from gateway.store.secrets import new_key

    own = listening("127.0.0.1", port)
    stories = load_stories()
    with (
        tempfile.TemporaryDirectory(prefix="medrec-demo-", ignore_cleanup_errors=True) as folder,
        organisations(stories, utc_now) as running,
    ):
        given = Settings.from_environment()
        settings = Settings(
            database_url=f"sqlite:///{Path(folder) / 'gateway.sqlite3'}",
            allowed_networks=("127.0.0.0/8",),
            secure_cookies=False,
            cache_dir=given.cache_dir,
            site_file=given.site_file,
            source_deadline_s=given.source_deadline_s,
            secret_key=(new_key(),),
        )
        app = create_app(settings)
        house: House = app.state.house
        register_demo_sources(house.database, running, utc_now(), _tell)
        for one in running:
            _tell(f"{one.organisation}: FHIR {one.fhir_version} at {one.base_url}")
        passwords = {one.account: "-".join(secrets.token_hex(2) for _ in range(3)) for one in stories.staff}
        register_demo_accounts(house.database, stories, passwords, utc_now(), _tell)
        _tell(f"Fetching {len(stories.patients)} invented patients from all three:")
        asyncio.run(_serve(house, [p.nhs_number for p in stories.patients], server(app), own, passwords))
        house.database.close()


def _tell(words: str) -> None:
    click.echo(words, err=True)


async def _serve(
    house: House, numbers: list[str], server: Server, listening: socket.socket, passwords: dict[str, str]
) -> None:
    from gateway.actions.fetch_patient import fetch_patient
    from gateway.actions.take_arrivals import take_arrivals

    done = 0

    async def fetch(number: str) -> None:
        nonlocal done
        try:
            await fetch_patient(
                house.database, house.settings, house.knowledge, house.connections, nhs_number=number, now=house.now
            )
        except GatewayError as error:
            _tell(f"  {error.words}")
        done += 1
        _tell(f"  {done} of {len(numbers)}")

    await asyncio.gather(*(fetch(number) for number in numbers))
    await take_arrivals(house.database, house.settings, house.knowledge, house.connections, now=house.now)
    address = f"http://127.0.0.1:{listening.getsockname()[1]}/"
    click.echo(f"\nMedRec Gateway: {address}\n\nSign in as")
    for name, password in passwords.items():
        click.echo(f"  {name:<13} {password}")
    click.echo("\nCtrl-C stops everything; nothing is kept.")
    await server.serve(sockets=[listening])
