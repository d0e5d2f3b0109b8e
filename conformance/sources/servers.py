"""The independent servers that stand in for the hospital, each started on loopback with the demo's hospital records.

Medplum's and Asymmetrik's come with the peers folder (node, npm); HAPI FHIR's is built from Maven Central (java, mvn):
HAPI's own server with its router, search, paging, includes and CapabilityStatement, keeping what it holds in memory.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from conformance.peers import ROOT, NotRun, free_port, medplum, node, started
from gateway.demo.load import transaction

Json = dict[str, Any]
_BUILD_S = 300
_ASYMMETRIK = "@asymmetrik/node-fhir-server-core@2.2.5"
#: Small, so that the demo's lists take several of HAPI's opaque pages.
HAPI_PAGE = 4


@contextmanager
def asymmetrik(folder: Path, seed: Path) -> Iterator[str]:
    """Asymmetrik's R4 server holding `seed`; its base address."""
    # Not in the peers' package.json: it is an older server with many packages of its own.
    _run(["npm", "install", "--no-audit", "--no-fund", "--no-save", "--loglevel=error", _ASYMMETRIK], folder)
    port = free_port()
    call = [*node(), "asymmetrik-server.cjs", str(port), str(seed)]
    with started(call, folder, b"asymmetrik FHIR at ", "Asymmetrik's server"):
        yield f"http://127.0.0.1:{port}/4_0_1"


@contextmanager
def hapi(records: list[Json]) -> Iterator[str]:
    """HAPI FHIR's R4 server holding these resources; its base address. Raises NotRun without java or mvn."""
    for tool in ("java", "javac", "mvn"):
        if shutil.which(tool) is None:
            raise NotRun(f"{tool} is not installed on this machine")
    with tempfile.TemporaryDirectory(prefix="medrec-hapi-") as name:
        folder = Path(name)
        shutil.copytree(ROOT / "conformance" / "sources" / "hapi", folder, dirs_exist_ok=True)
        _run(["mvn", "-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], folder)
        _run(["javac", "-cp", "lib/*", "-d", "classes", "src/main/java/Organisation.java"], folder)
        port = free_port()
        call = ["java", "-Xmx512m", "-cp", f"classes{os.pathsep}lib/*", "Organisation", str(port), str(HAPI_PAGE)]
        with started(call, folder, b"ready ", "HAPI's server"):
            base = f"http://127.0.0.1:{port}/fhir"
            _load(base, records)
            yield base


def _run(call: list[str], folder: Path) -> None:
    try:
        done = subprocess.run(call, cwd=folder, capture_output=True, text=True, check=False, timeout=_BUILD_S)
    except subprocess.TimeoutExpired:
        raise NotRun(f"{call[0]} took more than {_BUILD_S} seconds") from None
    if done.returncode:
        raise NotRun(f"{call[0]} failed with exit status {done.returncode}")


def _load(base: str, records: list[Json]) -> None:
    body = json.dumps(transaction(base, records)).encode()
    asked = urllib.request.Request(base, body, {"Content-Type": "application/fhir+json"}, method="POST")
    with urllib.request.urlopen(asked, timeout=60) as answer:
        taken = json.load(answer)
    if len(taken["entry"]) != len(records):
        raise NotRun("HAPI's server did not take every record")


SERVERS = ("medplum", "asymmetrik", "hapi")


@contextmanager
def running(server: str, folder: Path, records: list[Json]) -> Iterator[str]:
    """Any of SERVERS; `folder` is the peers' copy."""
    seed = folder / "hospital.json"
    seed.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in records]}))
    if server == "hapi":
        with hapi(records) as base:
            yield base
        return
    with medplum(folder, seed, {}) if server == "medplum" else asymmetrik(folder, seed) as base:
        yield base
