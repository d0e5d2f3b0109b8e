"""`gateway demo`, what `make run` starts: everything on this machine, nothing kept."""

from __future__ import annotations

import asyncio
import datetime as dt
import secrets
import tempfile
from pathlib import Path

import click

from gateway.actions.house import House
from gateway.errors import GatewayError
from gateway.settings import Settings

#: Account, name on the pages, role.
PEOPLE = (
    ("pharmacist", "A Patel", "pharmacist"),
    ("clerk", "J Reid", "audit-clerk"),
    ("integrator", "M Osei", "integrator"),
    ("manager", "S Lowe", "manager"),
)


@click.command()
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
def demo(port: int) -> None:
    """Three synthetic organisations, the gateway and its pages, all on loopback and in a temporary folder.

    Fifteen invented patients are fetched first. Prints addresses and sign-ins; Ctrl-C stops everything.
    """
    from gateway.app import create_app, utc_now
    from gateway.cli.serving import listening, server
    from gateway.demo.start import organisations
    from gateway.demo.stories import load_stories

    socket = listening("127.0.0.1", port)
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
            source_deadline_s=given.source_deadline_s,
        )
        app = create_app(settings)
        house: House = app.state.house
        from gateway.actions.register_source import register_source

        for one in running:
            fields = {name: getattr(one, name) for name in one.__struct_fields__}
            register_source(house.database, now=utc_now(), **fields)
            click.echo(f"{one.organisation}: FHIR {one.fhir_version} at {one.base_url}", err=True)
        passwords = _accounts(house, utc_now())
        one_server = server(app)
        click.echo(f"Fetching {len(stories.patients)} invented patients from all three:", err=True)
        asyncio.run(_serve(house, [p.nhs_number for p in stories.patients], one_server, socket, passwords))
        house.database.close()


def _accounts(house: House, now: dt.datetime) -> dict[str, str]:
    from gateway.actions.accounts import create_account

    passwords = {}
    for name, display_name, role in PEOPLE:
        passwords[name] = "-".join(secrets.token_hex(2) for _ in range(3))
        create_account(
            house.database, name=name, display_name=display_name, role=role, password=passwords[name], now=now
        )
    return passwords


async def _serve(house: House, numbers: list[str], server: object, socket: object, passwords: dict[str, str]) -> None:
    from gateway.actions.fetch_patient import fetch_patient

    done = 0

    async def fetch(number: str) -> None:
        nonlocal done
        try:
            await fetch_patient(
                house.database, house.settings, house.knowledge, house.connections, nhs_number=number, now=house.now
            )
        except GatewayError as error:
            click.echo(f"  {error.words}", err=True)
        done += 1
        click.echo(f"  {done} of {len(numbers)}", err=True)

    await asyncio.gather(*(fetch(number) for number in numbers))
    address = f"http://127.0.0.1:{socket.getsockname()[1]}/"  # type: ignore[attr-defined]
    click.echo(f"\nMedRec Gateway: {address}\n\nSign in as")
    for name, password in passwords.items():
        click.echo(f"  {name:<12} {password}")
    click.echo("\nCtrl-C stops everything; nothing is kept.")
    await server.serve(sockets=[socket])  # type: ignore[attr-defined]
