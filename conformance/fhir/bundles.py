"""What `gateway reconcile --format fhir` answers for the demo's stories, and for GP Connect files if there are any."""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

from msgspec import Struct

from conformance.fhir.audit_forms import audit_bundle
from conformance.peers import ROOT
from gateway.demo.records_r4 import hospital_records, pharmacy_records
from gateway.demo.records_stu3 import structured_record
from gateway.demo.stories import Stories, StoryPatient, load_stories
from gateway.fhir.audit_events import audit_events
from gateway.fhir.build import BASE
from gateway.records.access import ACCESS_WORDS, AccessLine

NOW = dt.datetime(2026, 11, 24, 10, 0, tzinfo=dt.UTC)
_DONE = (0, 3)

Records = dict[str, dict[str, Any]]


class Made(Struct, frozen=True):
    """One call. `bundle` is None where the command refused its files, as `words` says, or broke."""

    name: str
    bundle: bytes | None
    words: str
    broke: bool


def made(folder: Path) -> list[Made]:
    """All bundles; the input files of the stories are written to `folder`."""
    calls = [*_stories(folder), *_gp_connect()]
    # Two at a time: each is a process of its own.
    with ThreadPoolExecutor(2) as pool:
        found = list(pool.map(_reconcile, calls))
    return [*found, _access_log(), Made("audit packs and answers", audit_bundle(), "", broke=False)]


def _access_log() -> Made:
    """Every kind of act of the access log, allowed and denied, about a patient and about nobody."""
    lines = [
        AccessLine(
            seq=n, id=f"x{n}", at=NOW.isoformat(), account="a", name="A Patel", role="pharmacist", action=action,
            allowed=allowed, patient=patient, nhs_number="9990147213" if patient else None,
        )
        for n, (action, allowed, patient) in enumerate(product(ACCESS_WORDS, (True, False), ("p1", None)), start=1)
    ]  # fmt: skip
    events = [json.loads(line) for line in audit_events(lines)]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": f"{BASE}/AuditEvent/{event['id']}", "resource": event} for event in events],
    }
    return Made("access log", json.dumps(bundle).encode(), "", broke=False)


def records_of(one: StoryPatient, stories: Stories) -> Records:
    """What each organisation holds of a story's patient, by its name."""
    records: Records = {
        "gp": structured_record(one, stories.organisations["gp"].name, NOW),
        "hospital": _bundle(hospital_records(one, stories, NOW)),
        "pharmacy": _bundle(pharmacy_records(one, NOW)),
    }
    # An organisation in trouble gives a file that cannot be used, so that incomplete lists are written, too.
    for name in records:
        trouble = getattr(one, name).trouble
        if trouble.down or trouble.refuses:
            records[name] = {"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": "transient"}]}
    return records


def _stories(folder: Path) -> Iterator[tuple[str, list[str]]]:
    stories = load_stories()
    for one in stories.patients:
        lists = []
        for name, record in records_of(one, stories).items():
            path = folder / f"{one.key}-{name}.json"
            path.write_text(json.dumps(record))
            lists.append(f"{name}={path}")
        yield f"story {one.key}", [*lists, "--discharge", "hospital"]


def _bundle(resources: list[dict[str, Any]]) -> dict[str, Any]:
    return {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": r} for r in resources]}


def _gp_connect() -> Iterator[tuple[str, list[str]]]:
    records = Path(os.environ.get("GATEWAY_RECORDS", ROOT.parent / "shared" / "records"))
    for path in sorted(records.glob("gp_connect_stu3*/*.*")):
        yield f"{path.parent.name}/{path.name}", [f"gp={path}"]


def _reconcile(call: tuple[str, list[str]]) -> Made:
    name, lists = call
    command = [sys.executable, "-m", "gateway", "reconcile", *lists, "--format", "fhir", "--at", NOW.date().isoformat()]
    done = subprocess.run(command, capture_output=True, check=False, cwd=ROOT)
    words = done.stderr.decode(errors="replace").strip()
    if done.returncode in _DONE:
        return Made(name, done.stdout, words, broke=False)
    return Made(name, None, words[-300:], broke="Traceback" in words or done.returncode != 1)
