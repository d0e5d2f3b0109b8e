"""Accounts: create and list. Passwords are kept as argon2id only."""

from __future__ import annotations

import datetime as dt
import secrets

from msgspec import Struct
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from gateway.actions.access import ROLES, Person, require
from gateway.actions.passwords import HASHER, check_password
from gateway.errors import Conflict, UsageError
from gateway.records.ledger import Act
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.tables import Account

#: Groups of the NHS Electronic Staff Record, and bands of Agenda for Change.
STAFF_GROUPS = (
    "Additional Clinical Services", "Additional Professional Scientific and Technical", "Administrative and Clerical",
    "Allied Health Professionals", "Estates and Ancillary", "Healthcare Scientists", "Medical and Dental",
    "Nursing and Midwifery Registered", "Students",
)  # fmt: skip
BANDS = ("1", "2", "3", "4", "5", "6", "7", "8a", "8b", "8c", "8d", "9")

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
    must_change: bool = False,
    by: Person | None = None,
) -> Person:
    """`by` is None where whoever runs the machine does it.

    Raises UsageError for an unknown role or a weak password, Conflict where the name is taken.
    """
    if by is not None:
        require(by, "accounts.edit")
    if role not in ROLES:
        raise UsageError(f"{role!r} is no role; roles: {', '.join(ROLES)}")
    if not name.strip() or len(name) > 100 or not name.isprintable():
        raise UsageError("a name has 1 to 100 printable characters")
    check_display_name(display_name)
    check_password(password, name=name, display_name=display_name)
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
        "must_change": must_change,
    }
    act = act_on("user.created", str(row["id"]), by, {"role": role, "staff_group": staff_group, "band": band})
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


def act_on(kind: str, account: str, by: Person | None, payload: dict[str, object]) -> Act:
    """The ledger row of an act on an account."""
    if by is None:
        return Act(kind=kind, subject=account, payload=payload | {"by": "command line"})
    return Act(kind=kind, subject=account, actor=by.account, role=by.role, payload=payload)


def check_display_name(text: str) -> None:
    if not text.strip() or len(text) > 100 or not text.isprintable():
        raise UsageError("a name as pages show it has 1 to 100 printable characters")


class AccountLine(Struct, frozen=True, kw_only=True):
    """An account as its administrator sees it. `locked_until` is a time to come, or None."""

    person: Person
    disabled: bool
    failures: int
    locked_until: str | None
    must_change: bool
    created_at: str


def account_lines(database: Database, *, by: Person, now: dt.datetime) -> tuple[AccountLine, ...]:
    """By name, those that may sign in first."""
    require(by, "accounts.edit")
    return read_accounts(database, now)


def read_accounts(database: Database, now: dt.datetime) -> tuple[AccountLine, ...]:
    """The same for who runs the machine."""
    with database.read() as connection:
        rows = connection.execute(select(_TABLE).order_by(_TABLE.c.disabled, _TABLE.c.name)).all()
    return tuple(
        AccountLine(
            person=Person(
                account=r.id, name=r.name, display_name=r.display_name, role=r.role,
                staff_group=r.staff_group, band=r.band,
            ),
            disabled=r.disabled,
            failures=r.failures,
            locked_until=r.locked_until if r.locked_until and r.locked_until > now.isoformat() else None,
            must_change=r.must_change,
            created_at=r.created_at,
        )
        for r in rows
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
