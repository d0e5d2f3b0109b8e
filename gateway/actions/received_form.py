"""A form is taken once, however often it is sent."""

from __future__ import annotations

import datetime as dt
import hashlib

from sqlalchemy import Connection, insert, select

from gateway.errors import Conflict
from gateway.store.tables import Received

_FORMS = Received.__table__  # type: ignore[attr-defined]


def taken_before(connection: Connection, form: str, payload: bytes, now: dt.datetime) -> bool:
    """Whether this form was taken already. Raises Conflict where its key came with another content."""
    digest = hashlib.sha256(payload).hexdigest()
    there = connection.execute(select(_FORMS.c.payload_hash).where(_FORMS.c.key == form[:200])).first()
    if there is None:
        connection.execute(insert(_FORMS), [{"key": form[:200], "payload_hash": digest, "at": now.isoformat()}])
        return False
    if there.payload_hash != digest:
        raise Conflict("This form was already sent with another content; open the page again.")
    return True
