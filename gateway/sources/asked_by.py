"""Who asks a source at this moment: a person, or nobody where the gateway asks by itself.

It goes with the task and not through every call: only GP Connect's audit token says it, far below whoever asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from msgspec import Struct


class AskedBy(Struct, frozen=True, kw_only=True):
    """A member of staff: the local id of the account, the name as others see it, the role in words."""

    account: str
    name: str
    role: str


_ASKING: ContextVar[AskedBy | None] = ContextVar("asked_by", default=None)


@contextmanager
def asking_for(person: AskedBy | None) -> Iterator[None]:
    """All calls to sources within, also of tasks that begin within, are this person's; None: the gateway's own."""
    token = _ASKING.set(person)
    try:
        yield
    finally:
        _ASKING.reset(token)


def asked_by() -> AskedBy | None:
    return _ASKING.get()
