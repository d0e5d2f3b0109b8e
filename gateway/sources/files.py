"""Files as source documents: a Bundle, one resource, a folder, NDJSON, or .gz of these. Everything is bounded."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NoReturn

from gateway.errors import InputError
from gateway.records.lists import SourceDocument

_ENDINGS = {".json": "application/fhir+json", ".xml": "application/fhir+xml", ".ndjson": "application/fhir+ndjson"}
_CHUNK = 1024 * 1024


def read_path(path: Path, *, max_bytes: int) -> tuple[SourceDocument, ...]:
    """The documents of a file, or of a folder and all below it, sorted by name.

    In a folder, hidden files and other endings are left out. Raises InputError, in one line that names the file, where
    nothing can be read, a file unpacks to more than `max_bytes`, or a part of a folder cannot be seen.
    """
    try:
        if path.is_dir():
            files = sorted(p for p in _below(path) if _wanted(p, path))
            if not files:
                raise InputError(f"{shown(path)} holds no .json, .xml or .ndjson file (.gz of these too)")
            return tuple(_document(p, shown(p.relative_to(path)), max_bytes) for p in files)
        if not path.exists():
            raise InputError(f"{shown(path)} does not exist")
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror}") from None
    return (_document(path, shown(path.name), max_bytes),)


def shown(path: Path | str) -> str:
    """A path as text that can be written anywhere: a name of the file system need not be UTF-8."""
    return str(path).encode("utf-8", "replace").decode()


def _below(folder: Path) -> Iterator[Path]:
    """Every file. Path.rglob leaves out silently what it may not enter, and links that lead nowhere."""

    def unseen(error: OSError) -> NoReturn:
        raise error

    for place, _, names in os.walk(folder, onerror=unseen):
        yield from (Path(place) / name for name in names)


def _wanted(path: Path, folder: Path) -> bool:
    hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
    return not hidden and _ending(path) in _ENDINGS


def _ending(path: Path) -> str:
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _document(path: Path, origin: str, max_bytes: int) -> SourceDocument:
    try:
        with path.open("rb") as file:
            # Looked at, not read: a pipe cannot go back.
            packed = file.peek(2)[:2] == b"\x1f\x8b"
            content = _unpack(file, path, max_bytes) if packed else file.read(max_bytes + 1)
    except OSError as error:
        raise InputError(f"{shown(path)} cannot be read: {error.strerror}") from None
    if len(content) > max_bytes:
        raise InputError(f"{shown(path)} is larger than {max_bytes} bytes (GATEWAY_MAX_DOCUMENT_BYTES)")
    return SourceDocument(
        content=content,
        sha256=hashlib.sha256(content).hexdigest(),
        media_type=_ENDINGS.get(_ending(path)),
        origin=origin,
    )


def _unpack(file: BinaryIO, path: Path, max_bytes: int) -> bytes:
    """Bounded: a gzip of 300 kB may hold 300 MB. Several gzip members in a row are one content."""
    parts: list[bytes] = []
    size = 0
    whole = True
    unpacker = zlib.decompressobj(wbits=31)
    waiting = file.read(_CHUNK)
    while waiting:
        try:
            part = unpacker.decompress(waiting, max_bytes + 1 - size)
        except zlib.error:
            raise InputError(f"{shown(path)} is not a whole gzip file") from None
        parts.append(part)
        size += len(part)
        if size > max_bytes:
            raise InputError(f"{shown(path)} unpacks to more than {max_bytes} bytes (GATEWAY_MAX_DOCUMENT_BYTES)")
        waiting = unpacker.unconsumed_tail
        whole = unpacker.eof
        if whole:
            waiting = unpacker.unused_data
            unpacker = zlib.decompressobj(wbits=31)
        waiting = waiting or file.read(_CHUNK)
    if not whole:
        raise InputError(f"{shown(path)} is not a whole gzip file")
    return b"".join(parts)
