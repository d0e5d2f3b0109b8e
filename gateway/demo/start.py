"""Start the three organisations on loopback, each on a free port, in one thread of their own."""

from __future__ import annotations

import datetime as dt
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import uvicorn
from msgspec import Struct

from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.stories import Stories

Now = Callable[[], dt.datetime]


class Running(Struct, frozen=True, kw_only=True):
    """An organisation that answers: the fields with which the gateway registers it."""

    name: str
    organisation: str
    kind: str
    dialect: str
    fhir_version: str
    ods_code: str
    base_url: str


@contextmanager
def organisations(stories: Stories, now: Now) -> Iterator[tuple[Running, ...]]:
    """All three answer when this yields and are gone when it ends."""
    apps = {
        "gp": (gp_practice(stories, now), "gp", "gp-connect-stu3", "3.0.1"),
        "hospital": (hospital(stories, now), "hospital", "uk-core-r4", "4.0.1"),
        "pharmacy": (pharmacy(stories, now), "community-pharmacy", "uk-core-r4", "4.0.1"),
    }
    servers, running = [], []
    for name, (app, kind, dialect, version) in apps.items():
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        one, listening = uvicorn.Server(config), socket.create_server(("127.0.0.1", 0))
        thread = threading.Thread(target=one.run, kwargs={"sockets": [listening]}, name=f"demo-{name}", daemon=True)
        thread.start()
        servers.append((one, thread, listening))
        running.append(
            Running(
                name=name,
                organisation=stories.organisations[name].name,
                kind=kind,
                dialect=dialect,
                fhir_version=version,
                ods_code=stories.organisations[name].ods,
                base_url=f"http://127.0.0.1:{listening.getsockname()[1]}",
            )
        )
    try:
        yield tuple(running)
    finally:
        for one, _, _ in servers:
            one.should_exit = True
        for _, thread, listening in servers:
            thread.join(timeout=10)
            listening.close()
