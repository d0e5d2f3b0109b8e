"""Import a licensed release: read its official files into a new lookup file, then switch to it in one step.

Whatever goes wrong before the switch leaves the release that was loaded as it was. The same files give the same tables.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from gateway.errors import ReleaseRefused
from gateway.terminology import dmd_read, rxnorm_read
from gateway.terminology.release_files import ReleasePart, release_parts
from gateway.terminology.releases import KINDS, LAYOUT, ReleaseInfo, ReleaseLookup, release_file

_READERS: dict[str, ModuleType] = {"dmd": dmd_read, "rxnorm": rxnorm_read}


def import_release(path: Path, folder: Path, say: Callable[[str], None]) -> ReleaseInfo:
    """Import the dm+d or RxNorm release at `path` (folder or zip) into `folder`; `say` hears of progress.

    Raises UsageError where there is nothing at `path`, ReleaseRefused where it is no whole release.
    """
    with release_parts(path) as parts:
        kind, chosen = _choose(path, parts)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_left_behind(folder)
            number, name = tempfile.mkstemp(prefix=f"release-{kind}-", suffix=".partial", dir=folder)
        except OSError as error:
            raise ReleaseRefused(f"{folder}: cannot be written ({error.strerror}); set GATEWAY_CACHE_DIR") from None
        try:
            _hold(number)
            _build(Path(name), kind, path.name, chosen, say)
            Path(name).replace(release_file(folder, kind))
        except sqlite3.Error as error:
            raise ReleaseRefused(f"{folder}: the new lookup file cannot be written ({error})") from None
        except OSError as error:
            raise ReleaseRefused(f"{path.name}: cannot be read ({error.strerror or error})") from None
        finally:
            with contextlib.suppress(OSError):
                Path(name).unlink(missing_ok=True)
            os.close(number)
    return ReleaseLookup({kind: str(release_file(folder, kind))}).infos[0]


def _hold(number: int) -> bool:
    """Whether this process now holds the open file: nobody else is writing it. The lock ends with the process."""
    if sys.platform == "win32":
        return False
    import fcntl

    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def _remove_left_behind(folder: Path) -> None:
    """Files of imports that were killed: nobody holds them any more."""
    for path in folder.glob("release-*.partial"):
        with contextlib.suppress(OSError):
            number = os.open(path, os.O_RDWR)
            try:
                if _hold(number):
                    path.unlink()
            finally:
                os.close(number)


def _choose(path: Path, parts: Sequence[ReleasePart]) -> tuple[str, list[ReleasePart]]:
    """The kind of release and its files, in a fixed order; a missing or doubled file is named."""
    kinds = [kind for kind, reader in _READERS.items() if any(reader.stem(p.name) in reader.FILES for p in parts)]
    if not kinds:
        raise ReleaseRefused(
            f"{path.name}: holds no file of a dm+d release (f_vtm2_....xml) or of RxNorm (RXNCONSO.RRF)"
        )
    if len(kinds) > 1:
        raise ReleaseRefused(f"{path.name}: holds both a dm+d and an RxNorm release; import one after the other")
    kind = kinds[0]
    reader = _READERS[kind]
    chosen = []
    for stem in (*reader.FILES, reader.EXTRA):
        found = [p for p in parts if reader.stem(p.name) == stem]
        # RxNorm's own zip holds the prescribable subset a second time, in a folder of that name.
        whole = [p for p in found if "prescribe" not in p.place.lower().split("/")] or found
        if len(whole) > 1:
            raise ReleaseRefused(f"{path.name}: holds {stem} twice ({whole[0].place}, {whole[1].place})")
        if not whole and stem != reader.EXTRA:
            raise ReleaseRefused(f"{path.name}: {stem} is missing; this is no whole {KINDS[kind]} release")
        chosen += whole
    return kind, chosen


def _build(file: Path, kind: str, source: str, parts: Sequence[ReleasePart], say: Callable[[str], None]) -> None:
    reader = _READERS[kind]
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as into:
        # Nobody reads this file before it is whole, so neither journal nor waiting for the disk on the way.
        into.execute("PRAGMA journal_mode = OFF")
        into.execute("PRAGMA synchronous = OFF")
        into.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID")
        into.executescript(reader.TABLES)
        into.execute("BEGIN")
        hashes = [reader.read_part(part, into, say) for part in parts]
        into.execute("COMMIT")
        into.executescript(reader.INDEXES)
        counts = dict(into.execute("SELECT kind, count(*) FROM concept GROUP BY kind").fetchall())
        _must_hold(kind, counts, into)
        counts["replaced codes"] = into.execute("SELECT count(*) FROM previous").fetchone()[0]
        version = hashlib.sha256("\n".join(hashes).encode()).hexdigest()[:12]
        meta = {"layout": LAYOUT, "version": version, "source": source}
        meta |= {f"count {what}": str(n) for what, n in counts.items()}
        into.executemany("INSERT INTO meta VALUES (?, ?)", sorted(meta.items()))
    with file.open("rb") as written:
        os.fsync(written.fileno())


def _must_hold(kind: str, counts: dict[str, int], into: sqlite3.Connection) -> None:
    """A release that lost a whole table on its way is refused."""
    needed = ("VTM", "VMP", "AMP") if kind == "dmd" else ("IN", "SCD")
    for one in needed:
        if not counts.get(one):
            raise ReleaseRefused(f"this {KINDS[kind]} release holds no {one}")
    table = "substance" if kind == "dmd" else "relation"
    if not into.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]:  # noqa: S608
        raise ReleaseRefused(f"this {KINDS[kind]} release does not say what its products consist of")
