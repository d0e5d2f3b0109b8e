"""`gateway ledger verify|head`."""

from __future__ import annotations

import click

from gateway.errors import UsageError


@click.group()
def ledger() -> None:
    """The append-only, hash-chained record of every proposal and every act."""


@ledger.command()
@click.option("--head", "exported", metavar="SEQ:HASH", help="A head exported before; finds rows cut off the end, too.")
@click.option("--access-log", is_flag=True, help="The chain of the access log instead.")
def verify(exported: str | None, access_log: bool) -> None:
    """Find an edit, a deletion or a reordering. Exit status 1 where the chain does not hold."""
    from gateway.actions.read_access_log import verify_access_log
    from gateway.actions.verify_ledger import verify_ledger
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    if access_log:
        broken, (rows, _) = verify_access_log(database, _head(exported))
    else:
        broken, rows = verify_ledger(database, _head(exported))
    database.close()
    for one in broken:
        click.echo(f"row {one.seq}: {one.what}")
    if broken:
        what = "access log" if access_log else "ledger"
        click.echo(f"gateway: the {what} does not hold in {len(broken)} place(s) of {rows} rows", err=True)
        raise click.exceptions.Exit(1)
    click.echo(f"{rows} rows, the chain holds")


@ledger.command()
@click.option("--access-log", is_flag=True, help="Of the access log instead.")
def head(access_log: bool) -> None:
    """Number and hash of the last row, to be kept elsewhere."""
    from gateway.actions.read_access_log import verify_access_log
    from gateway.actions.verify_ledger import ledger_head
    from gateway.settings import Settings
    from gateway.store.database import open_database

    database = open_database(Settings.from_environment().database_url)
    seq, digest = verify_access_log(database)[1] if access_log else ledger_head(database)
    database.close()
    click.echo(f"{seq}:{digest}")


def _head(text: str | None) -> tuple[int, str] | None:
    if text is None:
        return None
    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise UsageError("--head is a number, a colon and 64 hex digits, as `gateway ledger head` prints it")
    return int(seq), digest
