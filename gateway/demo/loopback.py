"""Serve ASGI applications on free loopback ports in one thread: the demo, its tests, and what is measured on it."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

import uvicorn


@contextmanager
def served(applications: Mapping[str, Any], lifespan: Literal["on", "off"] = "off") -> Iterator[dict[str, str]]:
    """Base address of each application, by name. All of them have ended when the block is left, also on failure.

    `lifespan` "on" runs what an application does at its start and end. The sockets listen before the servers run, so
    nobody has to wait or to ask whether they are up.
    """
    sockets, servers = {}, {}
    for name, application in applications.items():
        # With the protocol named: asyncio sets TCP_NODELAY on no other socket, and each answer then waits 40 ms.
        sockets[name] = listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        config = uvicorn.Config(application, log_level="critical", lifespan=lifespan, ws="none", access_log=False)
        servers[name] = uvicorn.Server(config)
    addresses = {name: f"http://127.0.0.1:{one.getsockname()[1]}" for name, one in sockets.items()}

    async def serve() -> None:
        await asyncio.gather(*(one.serve(sockets=[sockets[name]]) for name, one in servers.items()))

    thread = threading.Thread(target=lambda: asyncio.run(serve()), name="loopback", daemon=True)
    thread.start()
    try:
        yield addresses
    finally:
        for one in servers.values():
            one.should_exit = True
        thread.join(timeout=10)
        for listening in sockets.values():
            listening.close()
        if thread.is_alive():
            raise RuntimeError("the servers on loopback did not end within 10 seconds")
