"""Who is asked, for whom, and what came of it."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from gateway.errors import InputError
from gateway.records.lists import ListAsWritten, ListRole, ListState, SourceDocument
from gateway.records.nhs_number import SYSTEM as NHS_NUMBER
from gateway.records.nhs_number import checked_identifier
from gateway.sources.credentials import Credentials, check_credentials

#: Names become list names and the first part of entry ids, so they stay plain.
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class Kind(StrEnum):
    GP = "gp"
    HOSPITAL = "hospital"
    COMMUNITY_PHARMACY = "community-pharmacy"
    OTHER = "other"


class Dialect(StrEnum):
    """How a source is asked; each is a module of `sources/dialects`."""

    GP_CONNECT_STU3 = "gp-connect-stu3"
    UK_CORE_R4 = "uk-core-r4"
    GENERIC_R4 = "generic-r4"
    GENERIC_R5 = "generic-r5"
    GENERIC_STU3 = "generic-stu3"


class SourceSystem(Struct, frozen=True, kw_only=True):
    """A registered organisation's endpoint.

    `coverage` is one sentence on what it does not hold. `deadline_s` bounds one whole fetch, retries and all pages
    included; None takes the setting. `headers` and `credentials` hold secrets: they go to `base_url`'s origin alone, a
    key only as a signature to the token endpoint. `unusable` says why it cannot be asked at all.
    """

    name: str
    organisation: str
    kind: Kind
    base_url: str
    dialect: Dialect
    ods_code: str | None = None
    fhir_version: str | None = None
    role: ListRole | None = None
    coverage: str | None = None
    deadline_s: float | None = None
    headers: tuple[tuple[str, str], ...] = ()
    credentials: Credentials | None = None
    unusable: str | None = None

    def __repr__(self) -> str:
        return f"SourceSystem({self.name!r})"


def check_source(source: SourceSystem) -> SourceSystem:
    """The source itself; raises InputError where its name or address cannot be used. Asks nothing of the network."""
    if source.unusable:
        raise InputError(source.unusable)
    if not _NAME.fullmatch(source.name):
        raise InputError("a source's name is 1 to 40 lower-case letters, digits and hyphens")
    try:
        parts = urlsplit(source.base_url)
        _ = parts.port
    except ValueError:
        raise InputError(f"{source.name}: the address is no URL") from None
    if parts.scheme not in {"http", "https"}:
        raise InputError(f"{source.name}: the address must begin with https:// or http://")
    if not parts.hostname:
        raise InputError(f"{source.name}: the address names no host")
    if "@" in parts.netloc:
        raise InputError(f"{source.name}: the address must not hold a user name or password")
    if parts.query or parts.fragment:
        raise InputError(f"{source.name}: the address must not hold a query or fragment")
    if source.deadline_s is not None and not 0 < source.deadline_s <= 600:
        raise InputError(f"{source.name}: the deadline must be above 0 and at most 600 seconds")
    if source.credentials is not None:
        check_credentials(source.name, source.credentials)
    return source


def check_post_url(source: SourceSystem, url: str) -> str:
    """The address itself; raises InputError where documents cannot be posted there. Asks nothing of the network.

    It must be at the origin of `base_url`: the sign-in belongs to that scheme, host and port alone.
    """
    check_source(msgspec.structs.replace(source, base_url=url))
    if origin(url) != origin(source.base_url):
        raise InputError(
            f"{source.name}: the address for documents must be at the same server (scheme, host and port) as the FHIR "
            "base address; register another organisation for another server"
        )
    return url


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises ValueError for what is no http or https address without user name."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or "@" in parts.netloc:
        raise ValueError("no http or https address")
    return parts.scheme, parts.hostname.lower(), parts.port or (443 if parts.scheme == "https" else 80)


class PatientQuery(Struct, frozen=True, kw_only=True):
    """Whose list is asked for, by an identifier of one system; of an NHS number the check digit must be right.

    A birth date that is known is checked against what each source says.
    """

    identifier: str
    system: str = NHS_NUMBER
    birth_date: str | None = None

    def __post_init__(self) -> None:
        if checked_identifier(self.identifier, self.system) != self.identifier:
            raise InputError("the identifier must be written without spaces around or, in a number, inside it")

    def __repr__(self) -> str:
        return "PatientQuery(...)"


class Fetched(Struct, frozen=True, kw_only=True):
    """One attempt at one source. `state` and `causes` are those of `list`; times are ISO 8601 in UTC."""

    source: SourceSystem
    list: ListAsWritten
    documents: tuple[SourceDocument, ...]
    state: ListState
    causes: tuple[str, ...]
    started: str
    finished: str
    seconds: float


class Stage(StrEnum):
    ASKING = "asking"
    FOUND_PATIENT = "found-patient"
    RECEIVED = "received"
    FINISHED = "finished"


class Progress(Struct, frozen=True, kw_only=True):
    """What a page may show while it waits; no patient data. `state` and `entries` are set at the end."""

    source: str
    stage: Stage
    words: str
    seconds: float
    state: ListState | None = None
    entries: int | None = None


OnProgress = Callable[[Progress], Awaitable[None]]
