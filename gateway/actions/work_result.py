"""What came of one attempt at a piece of work."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from msgspec import Struct
from sqlalchemy import Connection

from gateway.records.ledger import Act


class Result(Struct, frozen=True, kw_only=True):
    """`state` is done, failed, withdrawn, or waiting for another attempt. `problem` and `result` hold no patient data.

    `write` adds what was found in the transaction that ends the attempt, and gives its ledger rows.
    """

    state: str
    problem: str | None = None
    result: dict[str, object] = {}
    write: Callable[[Connection, dt.datetime], Sequence[Act]] | None = None
