"""The files of a release, in a folder, a zip, or a zip within a zip, each as a bounded stream.

Nothing is unpacked to disk but an inner zip, and no size that an archive states about itself is believed.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from msgspec import Struct

from gateway.errors import ReleaseRefused, UsageError

#: The largest file of either release is under 1 GiB today; all of them together under 4.
LARGEST_FILE = 6 * 1024**3
#: XML and RRF shrink to a tenth or a thirtieth. What shrinks to a thousandth is no release.
LARGEST_RATIO = 500
_RATIO_FROM = 8 * 1024**2
_DEEPEST = 3
_MOST_FILES = 10_000
#: What zipfile raises on a broken archive. RuntimeError: one with a password, or packed in a way it does not know;
#: OSError: broken bzip2.
_BROKEN = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, RuntimeError, OSError)


class ReleasePart(Struct, frozen=True):
    """`name` is the file's own name, `place` where it stands, `open` yields its bytes and counts them."""

    name: str
    place: str
    open: Callable[[], contextlib.AbstractContextManager[io.RawIOBase]]


@contextlib.contextmanager
def release_parts(path: Path) -> Iterator[list[ReleasePart]]:
    """Every file under `path`. Raises UsageError where there is nothing, ReleaseRefused where an archive is broken."""
    if not path.exists():
        raise UsageError(f"{path}: there is no such file or folder")
    with contextlib.ExitStack() as stack:
        try:
            found = list(_parts(path, stack))
        except OSError as error:
            raise ReleaseRefused(f"{path}: cannot be read ({error.strerror or error})") from None
        except _BROKEN as error:
            raise ReleaseRefused(f"{path.name}: a zip in it cannot be read ({error})") from None
        yield found


def _parts(path: Path, stack: contextlib.ExitStack) -> Iterator[ReleasePart]:
    files = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file())
    for number, file in enumerate(files):
        if number > _MOST_FILES:
            raise ReleaseRefused(f"{path.name}: more than {_MOST_FILES} files; this is no release")
        place = file.name if path.is_file() else file.relative_to(path).as_posix()
        if file.suffix.lower() == ".zip":
            yield from _inside(stack.enter_context(zipfile.ZipFile(file)), place, stack, 1)
        else:
            yield ReleasePart(file.name, place, _opener(lambda f=file: f.open("rb"), place, None))  # type: ignore[misc]


def _inside(archive: zipfile.ZipFile, place: str, stack: contextlib.ExitStack, depth: int) -> Iterator[ReleasePart]:
    if depth > _DEEPEST or len(archive.infolist()) > _MOST_FILES:
        raise ReleaseRefused(f"{place}: zips within zips too deep, or too many files; this is no release")
    for info in sorted(archive.infolist(), key=lambda i: i.filename):
        if info.is_dir():
            continue
        name = info.filename.rsplit("/", 1)[-1]
        here = f"{place}/{info.filename}"
        opener = _opener(lambda i=info: archive.open(i), here, info.compress_size)  # type: ignore[misc]
        if name.lower().endswith(".zip"):
            inner = stack.enter_context(tempfile.TemporaryFile())  # noqa: SIM115
            with opener() as packed:
                shutil.copyfileobj(packed, inner)
            yield from _inside(stack.enter_context(zipfile.ZipFile(inner)), here, stack, depth + 1)
        else:
            yield ReleasePart(name, here, opener)


def _opener(
    open_: Callable[[], IO[bytes]], place: str, packed: int | None
) -> Callable[[], contextlib.AbstractContextManager[io.RawIOBase]]:
    @contextlib.contextmanager
    def opened() -> Iterator[io.RawIOBase]:
        with _refusing(place):
            stream = open_()
        with stream:
            yield Counted(stream, place, packed)

    return opened


@contextlib.contextmanager
def _refusing(place: str) -> Iterator[None]:
    """Around opening and reading alone: an error of whoever uses the stream is not the archive's."""
    try:
        yield
    except _BROKEN as error:
        raise ReleaseRefused(f"{place}: cannot be read ({error})") from None


class Counted(io.RawIOBase):
    """A stream that counts what really comes out of it, and stops a bomb. Raises ReleaseRefused."""

    def __init__(self, stream: IO[bytes], place: str, packed: int | None) -> None:
        self._stream, self._place = stream, place
        self._most = LARGEST_FILE if packed is None else min(LARGEST_FILE, max(_RATIO_FROM, packed * LARGEST_RATIO))
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        with _refusing(self._place):
            block = self._stream.read(len(buffer))
        buffer[: len(block)] = block
        self.count += len(block)
        if self.count > self._most:
            raise ReleaseRefused(f"{self._place}: unpacks to more than any release holds; refused")
        return len(block)
