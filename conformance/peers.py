"""Servers and validators that none of us wrote, in a folder outside the project: GATEWAY_PEERS, else ../shared/peers.

They are copied to a temporary folder and installed there with npm. What cannot be run is a NotRun, which the caller
says loudly; it never passes for a measurement.
"""

from __future__ import annotations

import os
import selectors
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_INSTALL_S, _START_S = 300, 60


class NotRun(Exception):
    """Why nothing was measured, in one sentence."""


@contextmanager
def peers() -> Iterator[Path]:
    """A temporary copy of the folder with its packages; removed at the end. Raises NotRun."""
    folder = Path(os.environ.get("GATEWAY_PEERS", ROOT.parent / "shared" / "peers"))
    if not (folder / "package.json").is_file():
        raise NotRun("the peers folder is absent; set GATEWAY_PEERS to it")
    for tool in ("node", "npm"):
        if shutil.which(tool) is None:
            raise NotRun(f"{tool} is not installed on this machine")
    with tempfile.TemporaryDirectory(prefix="medrec-peers-") as name:
        copy = Path(name)
        for one in folder.iterdir():
            if one.is_file():
                shutil.copyfile(one, copy / one.name)
        call = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error"]
        try:
            done = subprocess.run(call, cwd=copy, capture_output=True, text=True, check=False, timeout=_INSTALL_S)
        except subprocess.TimeoutExpired:
            raise NotRun(f"npm install took more than {_INSTALL_S} seconds") from None
        if done.returncode:
            raise NotRun(f"npm install failed with exit status {done.returncode}")
        yield copy


def node() -> list[str]:
    """The command, with the flag that Node 20 needs for what @medplum/core expects of later ones."""
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout
    major = int(said.strip().lstrip("v").split(".")[0])
    return ["node", *(["--experimental-websocket"] if major < 22 else [])]


@contextmanager
def medplum(folder: Path, seed: Path, environment: dict[str, str]) -> Iterator[str]:
    """Medplum's R4 server on a free loopback port, holding `seed`; its base address. It has ended at the end."""
    port = free_port()
    call = [*node(), "medplum-server.mjs", str(port), str(seed)]
    with started(call, folder, b" ready in ", "Medplum's server", environment):
        yield f"http://127.0.0.1:{port}/fhir"


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def started(
    call: list[str], folder: Path, sign: bytes, what: str, environment: dict[str, str] | None = None
) -> Iterator[None]:
    """A server's process from the line that says it is ready until the end of the block. Raises NotRun."""
    log = folder / "server-errors.txt"
    with log.open("w") as errors:
        server = subprocess.Popen(
            call, cwd=folder, env={**os.environ, **(environment or {})}, stdout=subprocess.PIPE, stderr=errors
        )
    try:
        _wait_until_ready(server, log, sign, what)
        yield
    finally:
        server.terminate()
        try:
            server.wait(timeout=5)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        if server.stdout:
            server.stdout.close()


def _wait_until_ready(server: subprocess.Popen[bytes], log: Path, sign: bytes, what: str) -> None:
    """It prints one line when it listens and holds its seed."""
    said, until = b"", time.monotonic() + _START_S
    with selectors.DefaultSelector() as ready:
        assert server.stdout is not None
        ready.register(server.stdout, selectors.EVENT_READ)
        while sign not in said:
            left = until - time.monotonic()
            if left <= 0 or not ready.select(left):
                raise NotRun(f"{what} did not start within {_START_S} seconds")
            part = os.read(server.stdout.fileno(), 65536)
            if not part:
                raise NotRun(f"{what} ended at once: {log.read_text()[-1500:].strip()}")
            said += part
