"""`python -m conformance.sources [--require]`: the gateway against an R4 server that none of us wrote.

Medplum's server stands in for the hospital, first healthy and then with each of its faults; the practice and the
pharmacy are the demo's own. Prints two tables and writes build/conformance-sources.json. Exit 1 where a list went
missing in silence or a reconciliation differs for a reason that is not explained; without node, npm or the peers
folder nothing is measured, which is said loudly and is exit 1 only with --require.
"""

from __future__ import annotations

import json
import re
import signal
import sys
from collections import Counter
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.peers import ROOT, NotRun, medplum, peers
from conformance.sources.compare import EXPLAINED, breaches, differences
from conformance.sources.everyone import NOW, Outcome, fetch_everyone
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.records_r4 import hospital_records
from gateway.demo.stories import Stories, load_stories

FAULTS: tuple[dict[str, str], ...] = (
    {"FAULTS": "delay_ms:300"},
    {"FAULTS": "503:0.3"},
    {"FAULTS": "429:0.3"},
    {"FAULTS": "truncate:0.2"},
    {"FAULTS": "html:0.2"},
    {"FAULTS": "delay_ms:50,503:0.2,429:0.2,truncate:0.1,html:0.1"},
    {"BEARER": "not-known-to-the-gateway"},
    {"MAX_PAGE": "2"},
)
Json = dict[str, Any]
#: A cause may begin with the resource type that it cost.
_KIND = re.compile(r"^[A-Z]\w+: ")


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    console = Console(width=150)
    try:
        found = measure(load_stories(), load_knowledge())
    except NotRun as reason:
        console.print(f"[bold red]NOT RUN: conformance/sources against Medplum's server. {reason}.")
        return write({"run": False, "reason": str(reason)}, 1 if "--require" in sys.argv[1:] else 0)
    show(found, console)
    wrong = [p for p in found["patients"] if p["breaches"] or p["unexplained"]]
    wrong += [f for f in found["faults"] if f["breaches"]]
    return write(found, 1 if wrong else 0)


def write(found: Json, status: int) -> int:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "conformance-sources.json").write_text(json.dumps(found, indent=2) + "\n")
    return status


def measure(stories: Stories, knowledge: Knowledge) -> Json:
    applications = {name: make(stories, lambda: NOW) for name, make in
                    (("gp", gp_practice), ("hospital", hospital), ("pharmacy", pharmacy))}  # fmt: skip
    with peers() as folder, served(applications) as addresses:
        seed = folder / "hospital.json"
        records = [r for one in stories.patients for r in hospital_records(one, stories, NOW)]
        seed.write_text(json.dumps({"resourceType": "Bundle", "entry": [{"resource": r} for r in records]}))

        def against(environment: dict[str, str]) -> dict[str, Outcome]:
            with medplum(folder, seed, environment) as base:
                return fetch_everyone(stories, addresses | {"hospital": base}, knowledge)

        ours, theirs = fetch_everyone(stories, addresses, knowledge), against({})
        patients = [
            {"patient": p.key, **lists_of(theirs[p.key]), **compared(ours[p.key], theirs[p.key]),
             "breaches": breaches(p, theirs[p.key])}
            for p in stories.patients
        ]  # fmt: skip
        faults = [fault(environment, against(environment), stories) for environment in FAULTS]
    return {"run": True, "at": NOW.date().isoformat(), "explained": EXPLAINED, "patients": patients, "faults": faults}


def lists_of(one: Outcome) -> Json:
    if one.reconciliation is None:
        return {"lists": {}, "words": one.words}
    return {
        "lists": {
            each.name: {"state": each.state.value, "entries": len(each.entries), "causes": list(each.written.causes)}
            for each in one.reconciliation.lists
        }
    }


def compared(ours: Outcome, theirs: Outcome) -> Json:
    differing = differences(ours, theirs)
    return {
        "differs": differing,
        "unexplained": [d for d in differing if d not in EXPLAINED],
        "audits": {"demo": list(ours.audits), "medplum": list(theirs.audits)},
    }


def fault(environment: dict[str, str], found: dict[str, Outcome], stories: Stories) -> Json:
    """One server setting: the hospital's list state of each patient, and how often each cause was given."""
    states: Counter[str] = Counter()
    words: Counter[str] = Counter()
    wrong = []
    people = {}
    for one in stories.patients:
        outcome = found[one.key]
        people[one.key] = lists_of(outcome)
        mine = people[one.key]["lists"].get("hospital", {"state": "no review", "causes": [outcome.words]})
        states[mine["state"]] += 1
        words.update(re.sub(r"page \d+ of \w+", "a page", _KIND.sub("", cause)) for cause in mine["causes"])
        wrong += [f"{one.key}: {breach}" for breach in breaches(one, outcome)]
    setting = " ".join(f"{k}={v}" for k, v in environment.items())
    return {"server": setting, "states": dict(states), "words": dict(words.most_common()), "people": people,
            "breaches": wrong}  # fmt: skip


def show(found: Json, console: Console) -> None:
    table = Table(title="Fetched over HTTP, Medplum's server as the hospital", title_justify="left")
    for column in ("patient", "gp", "hospital", "pharmacy", "reconciliation", "silently wrong"):
        table.add_column(column, overflow="fold")
    for p in found["patients"]:
        cells = [f"{one['state']}, {one['entries']}" for one in p["lists"].values()] or [p["words"], "", ""]
        same = "equal to the byte" if not p["differs"] else "differs: " + ", ".join(
            f"[bold red]{escape(d)}[/]" if d in p["unexplained"] else escape(d) for d in p["differs"])  # fmt: skip
        table.add_row(p["patient"], *cells, same, "; ".join(p["breaches"]) or "nothing")
    console.print(table)
    for place, why in found["explained"].items():
        if any(place in p["differs"] for p in found["patients"]):
            console.print(f"  {place}: {why}", markup=False)
    table = Table(title="The same with the server's faults: the hospital's lists", title_justify="left")
    for column in ("server", "states", "in words", "silently wrong"):
        table.add_column(column, overflow="fold")
    for f in found["faults"]:
        states = ", ".join(f"{n} {state}" for state, n in sorted(f["states"].items()))
        said = "\n".join(f"{n}x {cause}" for cause, n in f["words"].items()) or "every list complete"
        table.add_row(f["server"], states, said, "; ".join(f["breaches"]) or "nothing", end_section=True)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
