"""`python -m conformance.sources [--require]`: the gateway against R4 servers that none of us wrote.

Medplum's, Asymmetrik's and HAPI FHIR's server stand in for the hospital one after the other, Medplum's also with each
of its faults; the practice and the pharmacy are the demo's own. The same checks run on the demo's own hospital. Prints
a table for each, the self-test of each, and writes build/conformance-sources.json. Exit 1 where a list went missing in
silence or a reconciliation differs for a reason that is not explained; what cannot run (no node, npm, java, mvn or
peers folder) is said loudly and is exit 1 only with --require.
"""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from conformance.peers import ROOT, NotRun, medplum, peers
from conformance.sources.compare import EXPLAINED, breaches, differences
from conformance.sources.everyone import NOW, Outcome, fetch_everyone
from conformance.sources.servers import hapi, running
from gateway.actions.check_source import check_source
from gateway.actions.reconcile import Knowledge, load_knowledge
from gateway.actions.register_source import register_source
from gateway.cli.source_report import lines_of
from gateway.demo.loopback import served
from gateway.demo.organisations import gp_practice, hospital, pharmacy
from gateway.demo.records_r4 import hospital_records
from gateway.demo.stories import Stories, load_stories
from gateway.settings import Settings
from gateway.store.database import open_database

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
    found = measure(load_stories(), load_knowledge(), console)
    wrong = [p for one in found["servers"] for p in one["patients"] if p["breaches"] or p["unexplained"]]
    wrong += [f for f in found["faults"] if f["breaches"]]
    missed = found["not_run"] and "--require" in sys.argv[1:]
    return write(found, 1 if wrong or missed else 0)


def write(found: Json, status: int) -> int:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "conformance-sources.json").write_text(json.dumps(found, indent=2) + "\n")
    return status


def measure(stories: Stories, knowledge: Knowledge, console: Console) -> Json:
    """Everything that can run here, shown as it is measured."""
    applications = {name: make(stories, lambda: NOW) for name, make in
                    (("gp", gp_practice), ("hospital", hospital), ("pharmacy", pharmacy))}  # fmt: skip
    records = [r for one in stories.patients for r in hospital_records(one, stories, NOW)]
    found: Json = {"at": NOW.date().isoformat(), "servers": [], "faults": [], "not_run": {}}
    with served(applications) as addresses:
        ours = fetch_everyone(stories, addresses, knowledge)

        def compare_with(server: str, base: str) -> None:
            theirs = fetch_everyone(stories, addresses | {"hospital": base}, knowledge)
            one = {
                "server": server,
                "patients": [
                    {"patient": p.key, **lists_of(theirs[p.key]), **compared(ours[p.key], theirs[p.key]),
                     "breaches": breaches(p, theirs[p.key])}
                    for p in stories.patients
                ],
                "explained": EXPLAINED,
                "self_test": list(self_test(base, stories.patients[0].nhs_number, knowledge)),
            }  # fmt: skip
            found["servers"].append(one)
            show(one, console)

        compare_with("demo", addresses["hospital"])
        try:
            with peers() as folder:
                with running("medplum", folder, records) as base:
                    compare_with("medplum", base)
                seed = folder / "hospital.json"
                for environment in FAULTS:
                    with medplum(folder, seed, environment) as base:
                        outcome = fetch_everyone(stories, addresses | {"hospital": base}, knowledge)
                    found["faults"].append(fault(environment, outcome, stories))
                show_faults(found["faults"], console)
                with running("asymmetrik", folder, records) as base:
                    compare_with("asymmetrik", base)
        except NotRun as reason:
            done = [one["server"] for one in found["servers"]]
            not_run(", ".join(one for one in ("medplum", "asymmetrik") if one not in done), reason, found, console)
        try:
            with hapi(records) as base:
                compare_with("hapi", base)
        except NotRun as reason:
            not_run("hapi", reason, found, console)
    return found


def not_run(server: str, reason: NotRun, found: Json, console: Console) -> None:
    found["not_run"][server] = str(reason)
    console.print(f"[bold red]NOT RUN: conformance/sources against {server}. {escape(str(reason))}.")


def self_test(base: str, nhs_number: str, knowledge: Knowledge) -> Iterator[str]:
    """What `gateway source check` says of the server, with a test patient."""
    with tempfile.TemporaryDirectory(prefix="medrec-sources-") as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'gateway.sqlite3'}")
        register_source(database, now=NOW, name="hospital", organisation="Hospital", kind="hospital", base_url=base,
                        dialect="uk-core-r4", fhir_version="")  # fmt: skip
        settings = Settings(allowed_networks=("127.0.0.0/8",))
        report = asyncio.run(
            check_source(database, settings, knowledge, source="hospital", nhs_number=nhs_number, now=lambda: NOW)
        )
        database.close()
    yield from lines_of(report)


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
        "audits": {"demo": list(ours.audits), "theirs": list(theirs.audits)},
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
    table = Table(title=f"Fetched over HTTP, the hospital is {found['server']}", title_justify="left")
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
    console.print(f"gateway source check says of {found['server']}:", markup=False)
    for line in found["self_test"]:
        console.print(f"  {line}", markup=False)


def show_faults(faults: list[Json], console: Console) -> None:
    table = Table(title="Medplum's server with its faults: the hospital's lists", title_justify="left")
    for column in ("server", "states", "in words", "silently wrong"):
        table.add_column(column, overflow="fold")
    for f in faults:
        states = ", ".join(f"{n} {state}" for state, n in sorted(f["states"].items()))
        said = "\n".join(f"{n}x {cause}" for cause, n in f["words"].items()) or "every list complete"
        table.add_row(f["server"], states, said, "; ".join(f["breaches"]) or "nothing", end_section=True)
    console.print(table)


if __name__ == "__main__":
    sys.exit(main())
