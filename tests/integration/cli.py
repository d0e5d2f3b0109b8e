"""The command as a process of its own, as a user or a script runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

ROOT = Path(__file__).resolve().parents[2]

#: Planted in a record; none of it may stand in an error, a log, a cause.
FAMILY, NHS_NUMBER, SECRET_TEXT = "Zzmarker", "9990000018", "Qqtext"
MARKERS = (FAMILY.lower(), NHS_NUMBER, "999 000 0018", SECRET_TEXT.lower())


class Ran(Struct, frozen=True):
    status: int
    out: bytes
    err: str

    def json(self) -> Any:
        return json.loads(self.out)


def environment() -> dict[str, str]:
    """Without settings of the person who runs the tests; a warning of Python is an error."""
    mine = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")}
    return mine | {"PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}


def gateway(*arguments: str | Path, stdin: bytes = b"", settings: Mapping[str, str] | None = None) -> Ran:
    command = [sys.executable, "-m", "gateway", *map(str, arguments)]
    given = environment() | dict(settings or {})
    done = subprocess.run(command, input=stdin, capture_output=True, cwd=ROOT, env=given, timeout=60)
    return Ran(done.returncode, done.stdout, done.stderr.decode())


def assert_one_safe_line(ran: Ran) -> None:
    """What a command that stops may say."""
    assert ran.out == b""
    assert ran.err.endswith("\n")
    assert ran.err.count("\n") == 1, ran.err
    assert ran.err.startswith("gateway: ")
    assert "Traceback" not in ran.err
    assert not [m for m in MARKERS if m in ran.err.lower()], ran.err
