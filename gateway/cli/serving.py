"""Run an application on a socket of our own choosing, with quiet logs."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn

from gateway.errors import UsageError


def server(app: Any, *, log_level: str = "warning") -> uvicorn.Server:
    """Access logs stay off: an address says little, and a query string could say too much."""
    return uvicorn.Server(
        uvicorn.Config(app, log_level=log_level, access_log=False, lifespan="on", server_header=False)
    )


def listening(host: str, port: int) -> socket.socket:
    """Raises UsageError where the port is taken or the host is not ours."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        # With the protocol named: asyncio sets TCP_NODELAY on no other socket, and each answer then waits 40 ms.
        found = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(128)
    except OSError as error:
        raise UsageError(
            f"port {port} of {host} cannot be used ({error.strerror}); choose another with --port"
        ) from None
    return found
