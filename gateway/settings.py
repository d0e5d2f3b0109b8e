"""Settings from environment variables that begin with `GATEWAY_`; the README's table documents each.

A missing or wrong setting raises `SettingsError` naming it, so that start-up stops with one line.
"""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Callable, Mapping
from functools import cache, wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

from msgspec import Struct

from gateway.errors import SettingsError

P = ParamSpec("P")
T = TypeVar("T")

#: One for all files: they share types.
_READING = threading.RLock()


#: Days after sign-off on which a patient's lists are fetched again.
FOLLOW_UP_DAYS = (7, 14)

NHS_NUMBER_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


class Settings(Struct, frozen=True, kw_only=True):
    """Seconds are floats, sizes are bytes. `allowed_networks` are CIDR blocks beside the public addresses."""

    database_url: str = "sqlite:///medrec-gateway.sqlite3"
    source_deadline_s: float = 20.0
    allowed_networks: tuple[str, ...] = ()
    max_document_bytes: int = 64 * 1024 * 1024
    session_idle_minutes: int = 30
    session_hours: int = 12
    secure_cookies: bool = True
    organisation_name: str = "MedRec Gateway"
    discharge_contact: str | None = None
    cache_dir: Path | None = None
    site_file: Path | None = None
    metric_cards: Path | None = None
    secret_key: tuple[str, ...] = ()
    identifier_system: str = NHS_NUMBER_SYSTEM
    follow_up_days: tuple[int, ...] = FOLLOW_UP_DAYS
    worker_in_serve: bool = True

    def __repr__(self) -> str:
        return "Settings(...)"

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Raises SettingsError for an unknown `GATEWAY_` name or a value of the wrong kind."""
        given = {k: v for k, v in (os.environ if environ is None else environ).items() if k.startswith("GATEWAY_")}
        values: dict[str, object] = {}
        for name, read in _READERS.items():
            text = given.pop(name, None)
            if text is None:
                continue
            try:
                values[name.removeprefix("GATEWAY_").lower()] = read(text)
            except ValueError as error:
                raise SettingsError(f"{name}: {error}. See the settings table in the README.") from None
        unknown = sorted(set(given) - _NOT_OURS)
        if unknown:
            raise SettingsError(f"{unknown[0]} is not a setting. See the settings table in the README.")
        return cls(**values)  # type: ignore[arg-type]


def mappings_dir() -> Path:
    """The folder of reviewed clinical knowledge: inside the installed package, or beside it in a checkout."""
    here = Path(__file__).resolve().parent
    packaged = here / "mappings"
    return packaged if packaged.is_dir() else here.parent / "mappings"


def read_once(load: Callable[P, T]) -> Callable[P, T]:
    """`functools.cache` for what loads a file of mappings/, under one lock.

    Two threads that are the first to decode into the same msgspec type at the same moment end the process (seen with
    msgspec 0.22: a segmentation fault in 12 of 20 trials), and two reviews opened right after start-up are just that.
    """
    kept = cache(load)

    @wraps(load)
    def once(*args: P.args, **kwargs: P.kwargs) -> T:
        with _READING:
            return kept(*args, **kwargs)  # type: ignore[arg-type]

    return once


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < 86_400:
        raise ValueError("must be a number above 0 and below 86400")
    return value


def _size(text: str) -> int:
    value = int(text)
    if value < 1024:
        raise ValueError("must be a whole number of bytes, 1024 or more")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise ValueError("must be a whole number, 1 or more")
    return value


def _networks(text: str) -> tuple[str, ...]:
    return tuple(str(ipaddress.ip_network(part.strip())) for part in text.split(",") if part.strip())


def _file(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError(f"{text} is no file")
    return path


def _folder(text: str) -> Path:
    path = Path(text)
    if not path.is_dir():
        raise ValueError(f"{text} is no folder")
    return path


def _flag(text: str) -> bool:
    if text.lower() in {"1", "true", "yes", "on"}:
        return True
    if text.lower() in {"0", "false", "no", "off"}:
        return False
    raise ValueError("must be yes or no")


def _uri(text: str) -> str:
    if not text.strip() or not text.isascii() or not text.isprintable() or " " in text or "|" in text:
        raise ValueError("must be the address or urn of an identifier system")
    return text


def _keys(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _days(text: str) -> tuple[int, ...]:
    days = tuple(sorted({int(part) for part in text.split(",") if part.strip()}))
    if not all(1 <= day <= 365 for day in days):
        raise ValueError("must be days from 1 to 365, separated by commas, or nothing")
    return days


_READERS: dict[str, Callable[[str], object]] = {
    "GATEWAY_DATABASE_URL": str,
    "GATEWAY_SOURCE_DEADLINE_S": _positive,
    "GATEWAY_ALLOWED_NETWORKS": _networks,
    "GATEWAY_MAX_DOCUMENT_BYTES": _size,
    "GATEWAY_SESSION_IDLE_MINUTES": _count,
    "GATEWAY_SESSION_HOURS": _count,
    "GATEWAY_SECURE_COOKIES": _flag,
    "GATEWAY_ORGANISATION_NAME": str,
    "GATEWAY_DISCHARGE_CONTACT": str,
    "GATEWAY_CACHE_DIR": Path,
    "GATEWAY_SITE_FILE": _file,
    "GATEWAY_METRIC_CARDS": _folder,
    "GATEWAY_SECRET_KEY": _keys,
    "GATEWAY_IDENTIFIER_SYSTEM": _uri,
    "GATEWAY_FOLLOW_UP_DAYS": _days,
    "GATEWAY_WORKER_IN_SERVE": _flag,
}

#: Read by the tests and the benches, not by the gateway.
_NOT_OURS = {
    "GATEWAY_CHROMIUM",
    "GATEWAY_FORBID_SKIPS",
    "GATEWAY_PEERS",
    "GATEWAY_RECORDS",
    "GATEWAY_TEST_DATABASE_URL",
}
