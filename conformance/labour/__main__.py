"""`python -m conformance.labour PYTHON`: each export of an invented month, read back by pm4py under that interpreter.

pm4py is AGPL, so nothing here imports it: it runs out of process and prints what it found.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import get_args

from conformance.labour.month import Month
from gateway.actions.labour_export import Form, export_labour
from gateway.settings import Settings
from gateway.store import ledger
from gateway.store.database import open_database

#: What pm4py is asked: events, objects and kinds of either; of XES events and traces.
_READ = """
import json, sys, warnings
warnings.filterwarnings("ignore")
import pm4py
form, path = sys.argv[1:]
if form == "xes":
    log = pm4py.read_xes(path)
    kinds, traces = log["concept:name"].nunique(), log["case:concept:name"].nunique()
    found = {"events": len(log), "traces": int(traces), "kinds": int(kinds)}
else:
    log = pm4py.read_ocel2_json(path) if form == "ocel-json" else pm4py.read_ocel2_sqlite(path)
    kinds = log.events["ocel:activity"].nunique()
    events, objects, relations = len(log.events), len(log.objects), len(log.relations)
    found = {"events": events, "objects": objects, "kinds": int(kinds), "relations": relations}
print(json.dumps(found))
"""


def main(interpreter: str) -> int:
    month = Month(11)
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'ledger.db'}")
        with database.write() as connection:
            ledger.append_dated(connection, month.acts)
        settings = Settings(secret_key=("a key for an invented month only",))
        paths = {form: Path(folder) / f"month.{form}" for form in get_args(Form)}
        for form, path in paths.items():
            export_labour(database, settings, form=form, out=path)
        database.close()
        truth = _truth(paths["ocel-json"])
        for form in ("ocel-json", "ocel-sqlite", "xes"):
            done = subprocess.run(
                [interpreter, "-c", _READ, form, str(paths[form])], capture_output=True, text=True, check=False
            )
            if done.returncode:
                print(f"{form:<12} pm4py could not read it: {done.stderr.strip().splitlines()[-1]}")
                wrong += 1
                continue
            found = json.loads(done.stdout.strip().splitlines()[-1])
            wanted = {name: truth["xes" if form == "xes" else "ocel"][name] for name in found}
            wrong += found != wanted
            print(f"{form:<12} {'read back' if found == wanted else 'DIFFERS'}: {found}")
        with paths["csv"].open(newline="") as text:
            rows = sum(1 for _ in csv.DictReader(text))
        import pyarrow.parquet

        columns = pyarrow.parquet.read_table(paths["parquet"])
        for form, n in (("csv", rows), ("parquet", columns.num_rows)):
            wrong += n != month.truth.rows
            print(f"{form:<12} {'read back' if n == month.truth.rows else 'DIFFERS'}: {n} events")
    return 1 if wrong else 0


def _truth(path: Path) -> dict[str, dict[str, int]]:
    """What the export says of itself, counted without pm4py."""
    document = json.loads(path.read_text())
    events = document["events"]
    of_case = [{r["objectId"] for r in e["relationships"] if r["qualifier"] in ("case", "review")} for e in events]
    return {
        "ocel": {
            "events": len(events),
            "objects": len(document["objects"]),
            "kinds": len(document["eventTypes"]),
            "relations": sum(len(e["relationships"]) for e in events),
        },
        "xes": {
            "events": sum(1 for one in of_case if one),
            "traces": len(set().union(*of_case)),
            "kinds": len({e["type"] for e, one in zip(events, of_case, strict=True) if one}),
        },
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
