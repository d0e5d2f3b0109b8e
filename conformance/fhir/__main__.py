"""`python -m conformance.fhir [--require]`: every Bundle that the gateway writes, looked at by others' validators.

Prints a table of errors and warnings and writes build/conformance-fhir.json; exit 1 on any error. Without node, npm or
the peers folder the independent validator is not run, which is said loudly and is exit 1 only with --require.
"""

from __future__ import annotations

import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.fhir.bundles import Made, made
from conformance.fhir.documents import documents
from conformance.fhir.validators import by_fhir_resources, by_medplum, by_references
from conformance.peers import ROOT, NotRun, peers

Json = dict[str, Any]


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(width=130)
    with tempfile.TemporaryDirectory(prefix="medrec-fhir-") as folder:
        files = [*made(Path(folder)), *documents(Path(folder))]
    bundles = {one.name: json.loads(one.bundle) for one in files if one.bundle is not None}
    not_run, medplum = "", dict[str, list[tuple[str, str]]]()
    try:
        with peers() as folder_of_peers:
            medplum = by_medplum(folder_of_peers, bundles)
    except NotRun as reason:
        not_run = str(reason)
    rows = [look(one, bundles.get(one.name), medplum.get(one.name, [])) for one in files]
    show(rows, console)
    if not any(one.name.startswith("gp_connect") for one in files):
        console.print("[bold red]NOT RUN: no GP Connect files; set GATEWAY_RECORDS.")
    if not_run:
        console.print(f"[bold red]NOT RUN: the independent validator. {escape(not_run)}.")
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    found = {"independent_validator": not not_run, "not_run": not_run, "files": rows}
    (build / "conformance-fhir.json").write_text(json.dumps(found, indent=2) + "\n")
    return 1 if any(row["errors"] for row in rows) or (not_run and "--require" in sys.argv[1:]) else 0


def look(one: Made, bundle: Json | None, medplum: list[tuple[str, str]]) -> Json:
    if one.bundle is None or bundle is None:
        return {"file": one.name, "resources": 0, "refused": one.words, "warnings": [],
                "errors": [f"the command broke: {one.words}"] if one.broke else []}  # fmt: skip
    return {
        "file": one.name,
        "resources": len(bundle["entry"]),
        "refused": "",
        "errors": [
            *(f"fhir.resources: {e}" for e in by_fhir_resources(one.bundle)),
            *(f"references: {e}" for e in by_references(bundle)),
            *(f"medplum: {words}" for severity, words in medplum if severity in {"error", "fatal"}),
        ],
        "warnings": [words for severity, words in medplum if severity not in {"error", "fatal"}],
    }


def show(rows: list[Json], console: Console) -> None:
    table = Table(title="Bundles of gateway reconcile --format fhir, and outcome documents", title_justify="left")
    for column in ("file", "resources", "errors", "warnings", "in words"):
        table.add_column(column, overflow="fold")
    for row in rows:
        words = [*row["errors"], *row["warnings"]]
        told = "\n".join(f"{words.count(w)}x {w}" for w in dict.fromkeys(words))
        refused = f"no Bundle: {row['refused']}" if row["refused"] else ""
        numbers = (str(row["resources"]), str(len(row["errors"])), str(len(row["warnings"])))
        table.add_row(escape(row["file"]), *numbers, escape(told or refused))
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
