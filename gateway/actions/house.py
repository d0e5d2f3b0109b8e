"""What every door needs, wired once when the process starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from msgspec import Struct

from gateway.actions.reconcile import Knowledge
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.database import Database


class House(Struct, frozen=True, kw_only=True):
    """`now` gives the time with its zone; `connections` belong to the event loop that serves."""

    settings: Settings
    database: Database
    knowledge: Knowledge
    connections: Connections
    now: Callable[[], dt.datetime]
