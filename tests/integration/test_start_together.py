"""Several processes that open one empty database at the same moment: all of them start."""

from __future__ import annotations

import subprocess
import sys
from subprocess import PIPE

from tests.conftest import ROOT

OPEN = """
import sys
from gateway.store.database import open_database
print("ready", flush=True)
sys.stdin.readline()
opened = open_database(sys.argv[1])
with opened.read() as connection:
    connection.exec_driver_sql("SELECT count(*) FROM ledger").scalar_one()
opened.close()
"""


def test_gateways_that_start_together_wait_for_each_other(database_url: str) -> None:
    call = [sys.executable, "-c", OPEN, database_url]
    opening = [
        subprocess.Popen(call, cwd=ROOT, stdin=PIPE, stdout=PIPE, stderr=PIPE, text=True)
        for _ in range(4)
    ]  # fmt: skip
    for one in opening:
        assert one.stdout is not None
        assert one.stdout.readline() == "ready\n"
    for one in opening:
        assert one.stdin is not None
        one.stdin.write("\n")
        one.stdin.flush()
    said = [one.communicate(timeout=60)[1] for one in opening]
    assert [one.returncode for one in opening] == [0, 0, 0, 0], said
