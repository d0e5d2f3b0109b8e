"""Right after start-up several threads are the first to read the same knowledge and the same snapshot.

msgspec 0.22 ends the process (segmentation fault) where two threads are the first to decode a type at one moment, so
this needs processes of its own: each lets many threads begin together and must end well.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import sys, threading
sys.setswitchinterval(1e-6)
from gateway.actions import audit_packs, decide_row, reviews
from gateway.fhir.context import load_record_codes

def snapshot():
    try:
        reviews._SNAPSHOT.decode(b"\\x80")
    except Exception as error:
        assert "required field" in str(error), error

FIRST = {
    "snapshot": snapshot,
    "codes": load_record_codes,
    "reasons": decide_row.decision_reasons,
    "packs": audit_packs.audit_packs,
}
work, failures = FIRST[sys.argv[1]], []
together = threading.Barrier(12)

def go():
    together.wait()
    try:
        work()
    except BaseException as error:
        failures.append(error)

threads = [threading.Thread(target=go) for _ in range(12)]
[one.start() for one in threads]
[one.join() for one in threads]
assert not failures, failures
"""


@pytest.mark.parametrize("what", ["snapshot", "codes", "reasons", "packs"])
def test_many_threads_may_be_the_first(what: str) -> None:
    call = [sys.executable, "-c", SCRIPT, what]
    done = subprocess.run(call, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False)
    assert done.returncode == 0, (done.returncode, done.stderr.decode()[-2000:])
