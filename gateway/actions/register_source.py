"""Organisations' endpoints: register, change, retire, and list those that are registered.

A source is a draft until somebody has seen it answer and activates it; only active ones are asked for patients. What is
retired is kept: its documents and ledger rows stay.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping

import msgspec
from msgspec import Struct
from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from gateway.actions.access import Person, require
from gateway.actions.ids import new_id
from gateway.errors import Conflict, InputError, NotFound
from gateway.records.by_hand import SUFFIX
from gateway.records.ledger import Act
from gateway.records.lists import ListRole
from gateway.sources.credentials import Credentials, restored
from gateway.sources.source import Dialect, Kind, SourceSystem, check_post_url, check_source
from gateway.store import ledger
from gateway.store.database import Database
from gateway.store.secrets import SecretBox
from gateway.store.tables import Source

_TABLE = Source.__table__  # type: ignore[attr-defined]

STATES = ("draft", "active", "retired")
NO_KEY = SecretBox(())


class RegisteredSource(Struct, frozen=True, kw_only=True):
    """`kind` is gp, hospital, community-pharmacy or other; `coverage` says what the source does not hold.

    `deadline_s` 0 takes GATEWAY_SOURCE_DEADLINE_S as it stands when the source is asked. `credentials` is the JSON of
    what is not secret, `sealed` the secrets as they lie in the database. `post_url` is where it takes documents.
    """

    id: str
    name: str
    organisation: str
    kind: str
    base_url: str
    dialect: str
    fhir_version: str
    role: str | None = None
    ods_code: str | None = None
    coverage: str = ""
    deadline_s: float = 0.0
    state: str = "active"
    contact: str = ""
    credentials: str = "{}"
    sealed: bytes | None = None
    post_url: str | None = None

    def __repr__(self) -> str:
        return f"RegisteredSource({self.name!r})"

    @property
    def public(self) -> dict[str, str]:
        """The sign-in without its secrets."""
        return dict(json.loads(self.credentials))


_WORDS = {"organisation": "name", "name": "short name", "base_url": "address"}


def register_source(
    database: Database,
    *,
    now: dt.datetime,
    by: Person | None = None,
    box: SecretBox = NO_KEY,
    credentials: Credentials | None = None,
    **fields: object,
) -> RegisteredSource:
    """Raises Conflict where the name is taken, InputError for what cannot be used, SettingsError without a key.

    `by` is None where whoever runs the gateway does it on the command line.
    """
    _allowed(by)
    source = _checked(RegisteredSource(id=new_id(), **_sealed(credentials, box), **fields), box)  # type: ignore[arg-type]
    row = {name: getattr(source, name) for name in source.__struct_fields__} | {"created_at": now.isoformat()}
    try:
        with database.write() as connection:
            connection.execute(insert(_TABLE), [row])
            ledger.append(connection, [_act("source.registered", source, by)], now.isoformat())
    except IntegrityError:
        raise Conflict(f"a source is already named {source.name}") from None
    return source


def change_source(
    database: Database,
    *,
    source: str,
    fields: Mapping[str, object],
    now: dt.datetime,
    by: Person | None = None,
    box: SecretBox = NO_KEY,
    credentials: Credentials | None = None,
) -> RegisteredSource:
    """The source with these fields changed; secrets that are not given stay. Raises as `register_source`, NotFound.

    An address at another origin takes the secrets and the address for documents away: they belong to the exact scheme,
    host and port they were entered for.
    """
    _allowed(by)
    with database.write() as connection:
        row = connection.execute(select(_TABLE).where(_TABLE.c.id == source).with_for_update()).first()
        if row is None:
            raise NotFound("There is no such source.")
        before = _of(row)
        after = msgspec.structs.replace(before, **{**fields, **(_sealed(credentials, box) if credentials else {})})
        moved = _origin(before.base_url) != _origin(after.base_url)
        if moved and credentials is None:
            after = msgspec.structs.replace(after, credentials="{}", sealed=None)
        if moved and before.post_url == after.post_url:
            after = msgspec.structs.replace(after, post_url=None)
        after = _checked(after, box)
        changed = sorted(f for f in after.__struct_fields__ if getattr(after, f) != getattr(before, f))
        if not changed:
            return after
        values = {f: getattr(after, f) for f in changed}
        try:
            connection.execute(update(_TABLE).where(_TABLE.c.id == source).values(**values))
        except IntegrityError:
            raise Conflict(f"a source is already named {after.name}") from None
        kind = "source.retired" if after.state == "retired" else "source.changed"
        ledger.append(connection, [_act(kind, after, by, changed)], now.isoformat())
    return after


def registered_sources(database: Database, *states: str) -> tuple[RegisteredSource, ...]:
    """By name; the active ones where no state is named."""
    with database.read() as connection:
        query = select(_TABLE).where(_TABLE.c.state.in_(states or ("active",))).order_by(_TABLE.c.name)
        return tuple(_of(row) for row in connection.execute(query))


def source_of(database: Database, source: str) -> RegisteredSource:
    """By id or name, in whatever state. Raises NotFound."""
    with database.read() as connection:
        query = select(_TABLE).where((_TABLE.c.id == source) | (_TABLE.c.name == source))
        row = connection.execute(query).first()
    if row is None:
        raise NotFound("There is no such source.")
    return _of(row)


def as_system(one: RegisteredSource, box: SecretBox = NO_KEY) -> SourceSystem:
    """A registered source as the transport takes it; one whose secrets cannot be read says so when it is asked."""
    public, secrets = one.public, box.open(one.sealed)
    unusable = None
    if secrets is None:
        unusable = f"{one.name}: its credentials cannot be read with GATEWAY_SECRET_KEY; enter them again"
    return SourceSystem(
        name=one.name,
        organisation=one.organisation,
        kind=Kind(one.kind),
        base_url=one.base_url,
        dialect=Dialect(one.dialect),
        ods_code=one.ods_code,
        fhir_version=one.fhir_version or None,
        role=ListRole(one.role) if one.role else None,
        coverage=one.coverage or None,
        deadline_s=one.deadline_s or None,
        credentials=restored(public, secrets) if public and secrets is not None else None,
        unusable=unusable,
    )


def rotate_secrets(database: Database, box: SecretBox, now: dt.datetime) -> tuple[int, tuple[str, ...]]:
    """Encrypt every secret anew under the first key: how many, and the names of sources that no key opens."""
    done, lost = 0, []
    with database.write() as connection:
        rows = connection.execute(select(_TABLE).where(_TABLE.c.sealed.is_not(None)).order_by(_TABLE.c.name)).all()
        for row in rows:
            renewed = box.renew(row.sealed)
            if renewed is None:
                lost.append(str(row.name))
                continue
            connection.execute(update(_TABLE).where(_TABLE.c.id == row.id).values(sealed=renewed))
            done += 1
        act = Act(kind="secrets.rotated", subject="gateway", payload={"renewed": done, "not_readable": len(lost)})
        ledger.append(connection, [act], now.isoformat())
    return done, tuple(lost)


def _allowed(by: Person | None) -> None:
    if by is not None:
        require(by, "sources.edit")


def _sealed(credentials: Credentials | None, box: SecretBox) -> dict[str, object]:
    if credentials is None:
        return {}
    return {"credentials": json.dumps(credentials.public, sort_keys=True), "sealed": box.close(credentials.secrets)}


def _checked(source: RegisteredSource, box: SecretBox) -> RegisteredSource:
    for field in _WORDS:
        if not getattr(source, field).strip():
            raise InputError(f"An organisation needs its {_WORDS[field]}.")
    if source.name.strip().casefold().endswith(SUFFIX):
        raise InputError(f'The short name must not end in "{SUFFIX}": lists that people enter are named so.')
    for field, known in (("kind", Kind), ("dialect", Dialect)):
        if getattr(source, field) not in {one.value for one in known}:
            raise InputError(f"{source.name}: the {field} must be one of {', '.join(one.value for one in known)}")
    if source.role and source.role not in {one.value for one in ListRole}:
        raise InputError(f"{source.name}: the role must be one of {', '.join(one.value for one in ListRole)}")
    if source.state not in STATES:
        raise InputError(f"{source.name}: the state must be one of {', '.join(STATES)}")
    system = check_source(as_system(source, box))
    if source.post_url:
        check_post_url(system, source.post_url)
    return source


def _origin(url: str) -> tuple[str, ...]:
    return tuple(url.lower().split("/")[:3])


def _act(kind: str, source: RegisteredSource, by: Person | None, changed: list[str] | None = None) -> Act:
    payload: dict[str, object] = {"name": source.name, "state": source.state}
    if changed is not None:
        payload["changed"] = changed
    return Act(
        kind=kind,
        subject=source.id,
        actor=by.account if by else "command-line",
        role=by.role if by else "administrator",
        payload=payload,
    )


def _of(row: Row[tuple[object, ...]]) -> RegisteredSource:
    return RegisteredSource(**{f: getattr(row, f) for f in RegisteredSource.__struct_fields__})
