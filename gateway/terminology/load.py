"""Load the vocabulary: from a compiled cache where its key still fits the YAML, else compiled anew; with any release.

The cache key is a hash of every YAML file and of the code that compiles them, so that neither can be stale. Without a
folder that can be written, loading works and is only slower.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from pathlib import Path

import msgspec

from gateway.settings import mappings_dir
from gateway.terminology.releases import open_releases
from gateway.terminology.vocabulary import Vocabulary

#: Built at import: see `settings.read_once`.
_DECODER = msgspec.msgpack.Decoder(Vocabulary)

_CODE = ("vocabulary.py", "blocks.py", "compile.py")


def load_vocabulary(mappings: Path | None = None, cache_dir: Path | None = None) -> Vocabulary:
    """Raises KnowledgeError naming the file and place that is wrong, or a loaded release that cannot be read."""
    folder = (mappings or mappings_dir()) / "terminology"
    kept = cache_folder(cache_dir)
    starter = _starter(folder, kept)
    release = open_releases(kept)
    if release is None:
        return starter
    return msgspec.structs.replace(starter, version=f"{starter.version}+{release.version}", release=release)


def _starter(folder: Path, kept: Path | None) -> Vocabulary:
    version = _version(folder)
    cached = kept / f"vocabulary-{version}.msgpack" if kept else None
    if cached is not None and cached.is_file():
        with contextlib.suppress(OSError, msgspec.DecodeError, msgspec.ValidationError):
            return _DECODER.decode(cached.read_bytes())
    from gateway.terminology.compile import compile_vocabulary

    vocabulary = compile_vocabulary(folder, version)
    if cached is not None:
        _write(cached, msgspec.msgpack.encode(vocabulary))
    return vocabulary


def _version(folder: Path) -> str:
    here = Path(__file__).parent
    digest = hashlib.sha256()
    for path in [*sorted(folder.rglob("*.yaml")), *(here / name for name in _CODE)]:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:12]


def cache_folder(cache_dir: Path | None) -> Path | None:
    """The folder given, else the user's own cache folder; never one that others can write. Releases live there too."""
    if cache_dir is None:
        base = os.environ.get("XDG_CACHE_HOME")
        try:
            cache_dir = (Path(base) if base else Path.home() / ".cache") / "medrec-gateway"
        except RuntimeError:
            return None
    return cache_dir


def _write(path: Path, content: bytes) -> None:
    """Atomically: a reader sees the whole file or none."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
            file.write(content)
        Path(file.name).replace(path)
