"""`gateway demo` as a process of its own, and HTTP clients on it."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from msgspec import Struct

_SIGN_IN = re.compile(r"^  ([\w-]+)\s+([0-9a-f-]{14})$", re.MULTILINE)


class Site(Struct, frozen=True):
    """A running demo: its address and the password of each account."""

    address: str
    passwords: dict[str, str]
    log: Path

    @contextmanager
    def client(self, name: str | None = None) -> Iterator[httpx.Client]:
        """An HTTP client, signed in where an account is named."""
        with httpx.Client(base_url=self.address, follow_redirects=False, timeout=30) as client:
            if name:
                answer = client.post("/sign-in", data={"name": name, "password": self.passwords[name]})
                assert answer.status_code == 303, answer.text
            yield client


@contextmanager
def running_demo(folder: Path, program: Sequence[str | Path] = ("-m", "gateway"), **environment: str) -> Iterator[Site]:
    """`folder` takes what it prints and is where it runs; `program` is what Python is to run."""
    out, log = folder / "out", folder / "log"
    given = {k: v for k, v in os.environ.items() if not k.startswith("GATEWAY_")} | environment
    call = [sys.executable, *program, "demo", "--port", "0"]
    with out.open("w") as stdout, log.open("w") as stderr:
        process = subprocess.Popen(call, stdout=stdout, stderr=stderr, env=given)
        try:
            yield _wait(process, out, log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


def _wait(process: subprocess.Popen[bytes], out: Path, log: Path) -> Site:
    until = time.monotonic() + 120
    while time.monotonic() < until:
        said = out.read_text()
        if "Ctrl-C" in said:
            found = re.search(r"http://127\.0\.0\.1:\d+", said)
            assert found
            return Site(found.group(), dict(_SIGN_IN.findall(said)), log)
        assert process.poll() is None, log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"the demo did not start: {log.read_text()}")
