"""A licensed release (NHS dm+d, RxNorm) as a read-only lookup: from a code to what the release says of it.

One SQLite file for each kind of release, beside the compiled vocabulary, built by `release_import` and never written
after. The stages hold it as `Vocabulary.release`; to them it is a table in memory that happens to be large.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from msgspec import Struct

from gateway.errors import KnowledgeError
from gateway.terminology import dmd_lookup, rxnorm_lookup
from gateway.terminology.coded import CodedMedicine

#: Raised whenever the tables change; a file of another layout is refused, not guessed at.
LAYOUT = "1"
KINDS = {"dmd": "NHS dm+d", "rxnorm": "RxNorm"}


class ReleaseInfo(Struct, frozen=True, kw_only=True):
    """`source` is the name of the file or folder that was imported, `version` a hash of its content."""

    kind: str
    version: str
    source: str
    counts: Mapping[str, int]


def release_file(folder: Path, kind: str) -> Path:
    return folder / f"release-{kind}.sqlite3"


def open_releases(folder: Path | None) -> ReleaseLookup | None:
    """None where no release is loaded. Raises KnowledgeError where a file cannot be used: never silently less."""
    if folder is None:
        return None
    files = {kind: str(path) for kind in KINDS if (path := release_file(folder, kind)).is_file()}
    return ReleaseLookup(files) if files else None


class ReleaseLookup:
    """Codes of every loaded release. Safe for threads and for worker processes: each opens the file for itself."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self._files = dict(files)
        self._open = threading.local()
        self._found = lru_cache(maxsize=50_000)(self._find)
        self.infos = tuple(self._info(kind) for kind in sorted(self._files))
        self.version = "+".join(f"{i.kind}-{i.version}" for i in self.infos)

    def __reduce__(self) -> tuple[object, ...]:
        return (ReleaseLookup, (self._files,))

    def find(self, kind: str, code: str) -> CodedMedicine | None:
        """What release `kind` (dmd, rxnorm, ndc) says of a code: a retired one is answered by what replaced it."""
        return self._found(kind, code)

    def term(self, list_: str, code: str) -> str | None:
        """The words of a code of dm+d's own lists (FORM, ROUTE); None without a dm+d release."""
        return dmd_lookup.term(self._connection("dmd"), list_, code) if "dmd" in self._files else None

    def _find(self, kind: str, code: str) -> CodedMedicine | None:
        file = "rxnorm" if kind == "ndc" else kind
        if file not in self._files:
            return None
        connection = self._connection(file)
        if file == "dmd":
            return dmd_lookup.find(connection, code)
        return rxnorm_lookup.find_ndc(connection, code) if kind == "ndc" else rxnorm_lookup.find(connection, code)

    def _connection(self, kind: str) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._open, kind, None)
        if connection is None:
            # immutable: the file is replaced as a whole, never changed; so no locks and no journal beside it.
            uri = f"{Path(self._files[kind]).resolve().as_uri()}?mode=ro&immutable=1"
            connection = sqlite3.connect(uri, uri=True)
            setattr(self._open, kind, connection)
        return connection

    def _info(self, kind: str) -> ReleaseInfo:
        try:
            rows = dict(self._connection(kind).execute("SELECT key, value FROM meta"))
        except sqlite3.Error:
            rows = {}
        if rows.get("layout") != LAYOUT:
            file = Path(self._files[kind]).name
            raise KnowledgeError(
                f"{file} beside the compiled vocabulary cannot be read: import the {KINDS[kind]} release again"
                " (gateway terminology import), or remove the file"
            )
        counts = {k.removeprefix("count "): int(v) for k, v in rows.items() if k.startswith("count ")}
        return ReleaseInfo(kind=kind, version=rows["version"], source=rows["source"], counts=counts)
