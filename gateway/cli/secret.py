"""`gateway secret new|rotate`: the key that encrypts the sources' credentials."""

from __future__ import annotations

import datetime as dt

import click


@click.group()
def secret() -> None:
    """The key that encrypts the sources' credentials (GATEWAY_SECRET_KEY)."""


@secret.command()
def new() -> None:
    """Print a new key. Put it first in GATEWAY_SECRET_KEY, before the old ones and a comma."""
    from gateway.store.secrets import new_key

    click.echo(new_key())


@secret.command()
def rotate() -> None:
    """Encrypt every credential anew under the first key; then the old keys can be dropped."""
    from gateway.actions.register_source import rotate_secrets
    from gateway.errors import SettingsError
    from gateway.settings import Settings
    from gateway.store.database import open_database
    from gateway.store.secrets import SecretBox

    settings = Settings.from_environment()
    if not settings.secret_key:
        raise SettingsError("GATEWAY_SECRET_KEY is not set; `gateway secret new` prints a key")
    box = SecretBox(settings.secret_key)
    database = open_database(settings.database_url)
    try:
        done, lost = rotate_secrets(database, box, dt.datetime.now(dt.UTC))
    finally:
        database.close()
    click.echo(f"{done} credentials are under the first key")
    if lost:
        raise SettingsError(f"no key opens the credentials of {', '.join(lost)}; enter them again")
