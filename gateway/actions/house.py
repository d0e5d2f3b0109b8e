"""What every door needs, wired once when the process starts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from msgspec import Struct

from gateway.actions.reconcile import Knowledge
from gateway.settings import Settings
from gateway.sources.connections import Connections
from gateway.store.database import Database
from gateway.store.secrets import SecretBox


class House(Struct, frozen=True, kw_only=True):
    """`now` gives the time with its zone; `connections` belong to the event loop that serves."""

    settings: Settings
    database: Database
    knowledge: Knowledge
    connections: Connections
    now: Callable[[], dt.datetime]

    @property
    def box(self) -> SecretBox:
        """Raises SettingsError where GATEWAY_SECRET_KEY holds no key."""
        return SecretBox(self.settings.secret_key)
