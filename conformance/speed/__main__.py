"""`make speed`: what one patient costs, measured in one run and printed as a table; also build/speed.json.

Timings on a shared machine move up to twofold between runs, so each figure stands beside its goal and beside a
reference measured in the same run (a plain JSON decode of the same bundles); what one thread does is told in processor
time, what crosses processes or the network by the clock.
"""

from __future__ import annotations

import datetime as dt
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from conformance.accuracy.synthetic import fresh_seed
from conformance.speed.command import lines_per_second
from conformance.speed.fetching import above_the_slowest
from conformance.speed.matching import matching_rates
from conformance.speed.matching import show as show_matching
from conformance.speed.names import MOST_LOADING_MS, loading_ms
from conformance.speed.pages import page_times
from conformance.speed.patients import LISTS, lists_of_one_patient
from conformance.speed.rules import ALL as ALL_RULES
from conformance.speed.rules import rule_times
from conformance.speed.texts import Rate, rates
from conformance.speed.whole_patient import steps
from gateway.actions.reconcile import load_knowledge, reconcile
from gateway.fhir.read import read_list
from gateway.terminology.vocabulary import Vocabulary

#: What was timed, with median and 95th percentile in milliseconds, and the goal.
Patient = dict[str, tuple[tuple[float, float], str]]

#: Patients of the matching table.
MATCHED = 300

AT = dt.date(2026, 11, 24)
ROOT = Path(__file__).resolve().parents[2]


def milliseconds(
    work: Callable[[], object], repeats: int, clock: Callable[[], float] = time.thread_time
) -> tuple[float, float]:
    """Median and 95th percentile of `repeats` warm calls: processor time of this thread, or by the `clock` given.

    On a shared machine others interrupt a call of a few milliseconds for longer than it takes.
    """
    work()
    took = []
    for _ in range(repeats):
        start = clock()
        work()
        took.append((clock() - start) * 1000)
    return summary(took)


def summary(took: list[float]) -> tuple[float, float]:
    """Median and 95th percentile."""
    return statistics.median(took), sorted(took)[int(len(took) * 0.95)]


def main() -> None:
    knowledge = load_knowledge()
    documents = lists_of_one_patient(items=15, lists=4)
    contents = [one.content for one in documents.values()]
    written = [read_list(name, [one]) for name, one in documents.items()]
    entries = sum(len(one.entries) for one in written)
    assert entries == 60, entries

    rows: list[dict[str, Any]] = []

    def measure(what: str, work: Callable[[], object], goal: str, repeats: int = 200) -> None:
        add(what, milliseconds(work, repeats), goal)

    def by_the_clock(what: str, work: Callable[[], object], goal: str, repeats: int) -> None:
        add(what, milliseconds(work, repeats, time.perf_counter), goal)

    def add(what: str, took: tuple[float, float], goal: str) -> None:
        rows.append({"what": what, "median_ms": round(took[0], 3), "p95_ms": round(took[1], 3), "goal": goal})

    measure("reference: json decode of the 4 bundles", lambda: [json.loads(c) for c in contents], "")
    measure("read the 4 bundles (FHIR to one shape)", lambda: [read_list(n, [d]) for n, d in documents.items()], "")
    measure("pure middle: 4 lists of 15, warm", lambda: reconcile(written, knowledge, AT), "20 ms now, 5 ms later")
    for what, took in rule_times(written, knowledge, AT, repeats=200).items():
        add(what, summary(took), "2 ms" if what == ALL_RULES else "")
    by_the_clock("whole process: reconcile 2 files of 15", process(documents), "1,500 ms", repeats=7)
    together, slowest, above = above_the_slowest(repeats=40)
    add("fetch 3 lists over HTTP, all at once", summary(together), "")
    add("the slowest of the 3 organisations, alone", summary(slowest), "")
    add("what fetching adds to the slowest", summary(above), "100 ms")
    for page, took in page_times(repeats=100).items():
        add(f"page over HTTP: {page}", summary(took), "30 ms" if page == "review" else "")
    patient = {
        what: (milliseconds(work, 10 if what.startswith("fhir") else 100), goal)
        for what, (work, goal) in steps(documents, knowledge, AT).items()
    }
    texts = [*rates(knowledge.vocabulary), *lines_per_second(knowledge.vocabulary), vocabulary_load()]
    matched = matching(knowledge.vocabulary)
    show(rows)
    show_patient(patient)
    show_rates(texts)
    write(rows, patient, texts, matched)


def matching(vocabulary: Vocabulary) -> list[Any]:
    """Patients matched in a second beside rapidfuzz and splink; prints its own table."""
    console = Console(width=120)
    for name in ("scipy", "splink"):
        if importlib.util.find_spec(name) is None:
            console.print(f"[bold red]NOT MEASURED: {name} is not installed (requirements-bench.txt).")
    seed = fresh_seed()
    found = matching_rates(MATCHED, seed, vocabulary)
    show_matching(found, MATCHED, seed, console)
    return [msgspec.to_builtins(one) for one in found]


def vocabulary_load() -> Rate:
    """The compiled vocabulary from its cache, as each process does once; processor time, the best of several."""
    took = loading_ms()
    return Rate("vocabulary loads, from its cache", 1000 / took, None, f"{took:.0f} ms; goal {MOST_LOADING_MS:.0f} ms")


def process(documents: dict[str, Any]) -> Callable[[], object]:
    folder = Path(tempfile.mkdtemp(prefix="medrec-speed-"))
    pairs = []
    for name, one in list(documents.items())[:2]:
        path = folder / f"{name}.json"
        path.write_bytes(one.content)
        pairs.append(f"{name}={path}")
    call = [sys.executable, "-m", "gateway", "reconcile", *pairs, "--format", "json", "--at", "2026-11-24"]
    return lambda: subprocess.run(call, check=True, capture_output=True)


def show(rows: list[dict[str, Any]]) -> None:
    table = Table(title="Speed, one run", title_justify="left")
    table.add_column("What")
    for column in ("median ms", "p95 ms", "times the decode"):
        table.add_column(column, justify="right")
    table.add_column("goal")
    reference = rows[0]["median_ms"]
    for row in rows:
        row["times_the_decode"] = round(row["median_ms"] / reference, 1)
        table.add_row(row["what"], *(str(row[k]) for k in ("median_ms", "p95_ms", "times_the_decode")), row["goal"])
    Console(width=110).print(table)


def show_patient(found: Patient) -> None:
    table = Table(title="One patient, 4 lists of 15, warm, same bytes", title_justify="left")
    table.add_column("What")
    for column in ("median ms", "times the typed decode", "fhir.resources takes"):
        table.add_column(column, justify="right")
    table.add_column("goal")
    decode, validation = (took[0] for took, _ in list(found.values())[:2])
    for what, ((median, _), goal) in found.items():
        table.add_row(what, f"{median:.3f}", f"{median / decode:.1f}", f"{validation / median:.1f} times that", goal)
    Console(width=110).print(table)


def show_rates(found: list[Rate]) -> None:
    table = Table(title="Texts, names and lines", title_justify="left")
    table.add_column("What")
    table.add_column("per second", justify="right")
    table.add_column("times the reference", justify="right")
    table.add_column("goal")
    for one in found:
        times = "" if one.times is None else f"{one.times:,.2f}"
        table.add_row(one.what, f"{one.per_second:,.0f}", times, one.goal)
    Console(width=110).print(table)


def write(rows: list[dict[str, Any]], patient: Patient, texts: list[Rate], matched: list[Any]) -> None:
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    whole = [{"what": w, "median_ms": t[0], "p95_ms": t[1], "goal": goal} for w, (t, goal) in patient.items()]
    rates = [msgspec.to_builtins(r) for r in texts]
    found = {"lists": list(LISTS), "rows": rows, "patient": whole, "rates": rates, "matching": matched}
    (build / "speed.json").write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
