"""Read the access log: by patient, by account, by day; each reading is itself noted first."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Iterable
from zoneinfo import ZoneInfo

from msgspec import Struct
from sqlalchemy import ColumnElement, Connection, Row, Select, func, select

from gateway.actions.access import Person
from gateway.actions.access_log import look_around
from gateway.errors import InputError
from gateway.fhir.audit_events import audit_events
from gateway.records.access import AccessLine
from gateway.records.ledger import Broken
from gateway.records.nhs_number import checked_identifier
from gateway.settings import Settings
from gateway.store import access_log
from gateway.store.database import Database
from gateway.store.tables import AccessEvent, Account, Patient

_EVENTS = AccessEvent.__table__  # type: ignore[attr-defined]
_ACCOUNTS = Account.__table__  # type: ignore[attr-defined]
_PATIENTS = Patient.__table__  # type: ignore[attr-defined]

PAGE = 50
#: Larger exports are made day by day.
MOST_EXPORTED = 100_000

_LONDON = ZoneInfo("Europe/London")
_NO_ACCOUNT = {"command-line": "command line", "nobody": "name of no account"}


class AccessFilter(Struct, frozen=True, kw_only=True):
    """`day` is YYYY-MM-DD in London; an empty text asks for all."""

    nhs_number: str = ""
    account: str = ""
    day: str = ""


class AccessPage(Struct, frozen=True, kw_only=True):
    """Newest first; `page` counts from 1."""

    lines: tuple[AccessLine, ...]
    total: int
    page: int
    pages: int


def read_access_log(
    database: Database, settings: Settings, *, asked: AccessFilter, page: int, by: Person, now: dt.datetime
) -> AccessPage:
    """Raises InputError for a number or a day that is none, NotAllowed."""
    look_around(database, what="access-log.see", noted_as="access-log.see", by=by, now=now, nhs_number=asked.nhs_number)
    where = _where(asked, settings)
    with database.read() as connection:
        total = connection.execute(
            select(func.count()).select_from(_EVENTS).where(*_narrow(connection, where))
        ).scalar()
        pages = max(1, -(-int(total or 0) // PAGE))
        page = min(max(page, 1), pages)
        query = _lines().where(*_narrow(connection, where)).limit(PAGE).offset((page - 1) * PAGE)
        lines = tuple(_line(row) for row in connection.execute(query))
    return AccessPage(lines=lines, total=int(total or 0), page=page, pages=pages)


def export_access_log(
    database: Database, settings: Settings, *, asked: AccessFilter, form: str, by: Person, now: dt.datetime
) -> bytes:
    """`form` is csv or fhir (AuditEvents as NDJSON), newest first. Raises InputError, NotAllowed."""
    look_around(
        database, what="access-log.see", noted_as="access-log.export", by=by, now=now, nhs_number=asked.nhs_number
    )
    if form not in {"csv", "fhir"}:
        raise InputError("Choose CSV or FHIR.")
    where = _where(asked, settings)
    with database.read() as connection:
        rows = connection.execute(_lines().where(*_narrow(connection, where)).limit(MOST_EXPORTED + 1)).all()
    if len(rows) > MOST_EXPORTED:
        raise InputError(f"These are more than {MOST_EXPORTED:,} lines; export them day by day.")
    lines = [_line(row) for row in rows]
    return as_csv(lines) if form == "csv" else b"".join(audit_events(lines, settings.identifier_system))


def verify_access_log(
    database: Database, expected: tuple[int, str] | None = None
) -> tuple[tuple[Broken, ...], tuple[int, str]]:
    """Every place where the chain does not hold, and its head."""
    with database.read() as connection:
        return access_log.verify(connection, expected), access_log.head(connection)


def as_csv(lines: Iterable[AccessLine]) -> bytes:
    """UTF-8 with a mark, so that spreadsheets read it; no cell begins as a formula would."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(("number", "time (UTC)", "account", "name", "role", "act", "allowed", "patient", "NHS number"))
    for one in lines:
        cells = (one.seq, one.at, one.account, one.name, one.role, one.words, "yes" if one.allowed else "no",
                 one.patient_name or "", one.nhs_number or "")  # fmt: skip
        writer.writerow([_inert(str(cell)) for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _inert(cell: str) -> str:
    return f"'{cell}" if cell.lstrip(" ").startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else cell


class _Where(Struct, frozen=True):
    number: str
    account: str
    days: tuple[str, str] | None


def _where(asked: AccessFilter, settings: Settings) -> _Where:
    number = checked_identifier(asked.nhs_number, settings.identifier_system) if asked.nhs_number else ""
    days = None
    if asked.day:
        try:
            first = dt.datetime.combine(dt.date.fromisoformat(asked.day), dt.time(), _LONDON)
            after = dt.datetime.combine(first.date() + dt.timedelta(days=1), dt.time(), _LONDON)
        except (ValueError, OverflowError):
            raise InputError("A day is written as year-month-day, for example 2026-11-24.") from None
        days = (first.astimezone(dt.UTC).isoformat(), after.astimezone(dt.UTC).isoformat())
    return _Where(number, asked.account.strip().lower(), days)


def _narrow(connection: Connection, where: _Where) -> list[ColumnElement[bool]]:
    """A patient or account that nobody knows finds nothing, not everything."""
    found: list[ColumnElement[bool]] = []
    if where.number:
        patient = connection.execute(select(_PATIENTS.c.id).where(_PATIENTS.c.nhs_number == where.number)).scalar()
        found.append(_EVENTS.c.patient == (patient or ""))
    if where.account:
        account = connection.execute(select(_ACCOUNTS.c.id).where(_ACCOUNTS.c.name == where.account)).scalar()
        codes = {words: code for code, words in _NO_ACCOUNT.items()}
        found.append(_EVENTS.c.account == (account or codes.get(where.account, where.account)))
    if where.days:
        found += [_EVENTS.c.at >= where.days[0], _EVENTS.c.at < where.days[1]]
    return found


def _lines() -> Select[tuple[object, ...]]:
    return (
        select(_EVENTS, _ACCOUNTS.c.display_name, _PATIENTS.c.name.label("patient_name"), _PATIENTS.c.nhs_number)
        .outerjoin(_ACCOUNTS, _ACCOUNTS.c.id == _EVENTS.c.account)
        .outerjoin(_PATIENTS, _PATIENTS.c.id == _EVENTS.c.patient)
        .order_by(_EVENTS.c.seq.desc())
    )


def _line(row: Row[tuple[object, ...]]) -> AccessLine:
    return AccessLine(
        seq=row.seq, id=row.id, at=row.at, account=row.account, role=row.role, action=row.action, allowed=row.allowed,
        name=row.display_name or _NO_ACCOUNT.get(row.account, row.account),
        patient=row.patient, patient_name=row.patient_name, nhs_number=row.nhs_number,
    )  # fmt: skip
