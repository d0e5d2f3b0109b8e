"""`gateway worker` and `gateway follow-up run`: what runs by itself, apart from `gateway serve`."""

from __future__ import annotations

import asyncio
import signal
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from gateway.settings import Settings


@click.command()
def worker() -> None:
    """Do what waits in the outbox: documents to send, lists to fetch again after discharge. Until stopped.

    Several may run at once, on one machine or many; `gateway serve` does the same work beside its pages, unless
    GATEWAY_WORKER_IN_SERVE=no. A worker that dies leaves what it was doing to the others after two minutes.
    """
    from gateway.settings import Settings

    asyncio.run(_work(Settings.from_environment()))


async def _work(settings: Settings) -> None:
    from gateway.app import open_house
    from gateway.worker.run import run_worker

    house, stop = open_house(settings), asyncio.Event()
    loop = asyncio.get_running_loop()
    for one in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(one, stop.set)
    click.echo("worker: looking for work", err=True)
    await run_worker(house, stop)
    await house.connections.close()
    house.database.close()


@click.group("follow-up")
def follow_up() -> None:
    """The checks after discharge."""


@follow_up.command()
def run() -> None:
    """Do the checks that are due now, one after another, without waiting for a worker. Tasks stand on the worklist."""
    from gateway.settings import Settings

    counts = asyncio.run(_due(Settings.from_environment()))
    words = ", ".join(f"{n} {state}" for state, n in sorted(counts.items()))
    click.echo(f"follow-up: {words or 'nothing is due'}")


async def _due(settings: Settings) -> dict[str, int]:
    from gateway.actions.withdraw_work import FOLLOW_UP
    from gateway.app import open_house
    from gateway.worker.run import do_what_is_due

    house = open_house(settings)
    try:
        return await do_what_is_due(house, (FOLLOW_UP,))
    finally:
        await house.connections.close()
        house.database.close()
