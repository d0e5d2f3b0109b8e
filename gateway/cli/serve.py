"""`gateway serve`: the gateway alone, on the settings' database."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65_535))
def serve(host: str, port: int) -> None:
    """Serve the pages. Accounts come from `gateway user add`. Put HTTPS before it, or set GATEWAY_SECURE_COOKIES=no."""
    from gateway.app import create_app
    from gateway.cli.serving import listening, server
    from gateway.settings import Settings

    app = create_app(Settings.from_environment())
    socket = listening(host, port)
    click.echo(f"MedRec Gateway on http://{host}:{socket.getsockname()[1]}/", err=True)
    server(app).run(sockets=[socket])
