"""Static files, named with a part of their hash so that a browser may keep them."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"


class VersionedStatic(StaticFiles):
    """An address with `?v=` never changes its content, so it may be kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        if answer.status_code == 200:
            versioned = scope.get("query_string", b"").startswith(b"v=")
            answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if versioned else "no-cache"
        return answer


@cache
def address(name: str) -> str:
    """/static/NAME?v=HASH. Raises FileNotFoundError where the browser parts were not built."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]
    return f"/static/{name}?v={digest}"
