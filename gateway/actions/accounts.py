"""Accounts: create and list. Passwords are kept as argon2id only."""

from __future__ import annotations

import datetime as dt
import secrets

from argon2 import PasswordHasher
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gateway.actions.access import ROLES, Person
from gateway.errors import Conflict, UsageError
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account

SHORTEST_PASSWORD = 12

#: OWASP's minimum for argon2id (19 MiB, 2 rounds); about 20 ms here, so that a sign-in does not stall the others.
HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)

_TABLE = Account.__table__  # type: ignore[attr-defined]


def create_account(
    database: Database,
    *,
    name: str,
    display_name: str,
    role: str,
    password: str,
    now: dt.datetime,
    staff_group: str | None = None,
    band: str | None = None,
) -> Person:
    """Raises UsageError for an unknown role or a short password, Conflict where the name is taken."""
    if role not in ROLES:
        raise UsageError(f"{role!r} is no role; roles: {', '.join(ROLES)}")
    if len(password) < SHORTEST_PASSWORD:
        raise UsageError(f"a password has at least {SHORTEST_PASSWORD} characters")
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError("a name has 1 to 100 printable characters")
    row = {
        "id": secrets.token_urlsafe(9),
        "name": name.strip().lower(),
        "display_name": display_name,
        "role": role,
        "password_hash": HASHER.hash(password),
        "staff_group": staff_group,
        "band": band,
        "disabled": False,
        "failures": 0,
        "locked_until": None,
        "created_at": now.isoformat(),
    }
    act = Act(kind="user.created", subject=str(row["id"]), payload={"role": role})
    try:
        with database.write() as connection:
            connection.execute(insert(_TABLE), [row])
            ledger.append(connection, [act], now.isoformat())
    except IntegrityError:
        raise Conflict(f"the name {name!r} is taken") from None
    return Person(
        account=str(row["id"]), name=str(row["name"]), display_name=display_name, role=role,
        staff_group=staff_group, band=band,
    )  # fmt: skip


def list_accounts(database: Database) -> tuple[Person, ...]:
    """By name."""
    with database.read() as connection:
        rows = connection.execute(select(_TABLE).order_by(_TABLE.c.name)).all()
    return tuple(
        Person(
            account=r.id, name=r.name, display_name=r.display_name, role=r.role, staff_group=r.staff_group, band=r.band
        )
        for r in rows
    )
