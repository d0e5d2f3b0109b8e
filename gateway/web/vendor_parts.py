"""Take what the pages need out of the pinned npm packages. Standard library only: the build hook runs it.

Traps it handles: the style sheet loads a font from an outside host that is licensed to one site only, so every
@font-face goes; nothing else in it may point outside.
"""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

#: package -> {file in the package: name among our static files}
WANTED = {
    "nhsuk-frontend": {
        "package/dist/nhsuk/nhsuk-frontend.min.css": "nhsuk-frontend.min.css",
        "package/dist/nhsuk/nhsuk-frontend.min.js": "nhsuk-frontend.min.js",
        "package/package.json": "nhsuk-frontend.package.json",
    },
    "htmx.org": {
        "package/dist/htmx.min.js": "htmx.min.js",
        "package/dist/ext/hx-sse.min.js": "hx-sse.min.js",
        "package/LICENSE": "htmx.LICENSE",
    },
}

_FONT_FACE = re.compile(r"@font-face\s*\{[^}]*\}")
_SOURCE_MAP = re.compile(r"\n?/[/*]# sourceMappingURL=[^\n]*\n?")
_OUTSIDE = re.compile(r"url\(\s*['\"]?\s*(?:https?:)?//")


def unpack(tarballs_dir: Path, into: Path) -> None:
    """Write the wanted files of every package in `tarballs_dir` to `into`. Raises LookupError for a missing file."""
    for package, files in WANTED.items():
        tarball = next(iter(sorted(tarballs_dir.glob(f"{package}-*.tgz"))), None)
        if tarball is None:
            raise LookupError(f"no tarball of {package}")
        with tarfile.open(tarball) as archive:
            for inside, name in files.items():
                member = archive.extractfile(inside)
                if member is None:
                    raise LookupError(f"{package} holds no {inside}")
                (into / name).write_bytes(_made_local(name, member.read()))


def _made_local(name: str, content: bytes) -> bytes:
    if not name.endswith((".css", ".js")):
        return content
    text = _SOURCE_MAP.sub("", content.decode("utf-8"))
    if name.endswith(".css"):
        text = _FONT_FACE.sub("", text)
        if _OUTSIDE.search(text):
            raise LookupError(f"{name} points to another host")
    return text.encode()
