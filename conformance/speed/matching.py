"""`python -m conformance.speed.matching`: patients matched per second on one core, beside published methods in one run.

The same invented patients for every method, from a fresh seed. Ours starts from lists as read (names from the cache)
and ends in rows, lines, reasons and suggestions; the others start from the written names and end in pairs of ids above
a threshold. Processor time, best of several, because the machine is shared; splink runs its threads, so it is timed by
the clock.
"""

from __future__ import annotations

import argparse
import gc
import importlib.util
import itertools
import time
from collections.abc import Callable, Sequence

import msgspec
from msgspec import Struct
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from conformance.accuracy.population import as_lists
from conformance.accuracy.synthetic import Entry, Patient, fresh_seed, patients
from gateway.matching.rows import match
from gateway.normalise.product import read_name
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

OURS = "gateway, warm"
#: Of rapidfuzz, 0 to 100; the cut-off makes no difference to the time.
THRESHOLD = 85


class Rate(Struct, frozen=True):
    """`times` says how many times as fast our warm matching is in the same run; `goal` how many times it is to be."""

    what: str
    per_second: float
    times: float | None
    goal: str = ""


def matching_rates(number: int, seed: int, vocabulary: Vocabulary) -> list[Rate]:
    """Rates for `number` patients of 4 lists of about 15; a method that is not installed is left out."""
    people = list(patients(number, seed, medicines=(15, 18), lists=(4, 4)))
    others = [as_lists(p, vocabulary) for p in patients(number, seed + 1, medicines=(15, 18), lists=(4, 4))]
    lists = [as_lists(p, vocabulary) for p in people]

    def ours() -> None:
        for one in lists:
            match(one, vocabulary)

    found = {OURS: (number / best(ours), "")}
    found["gateway, new patients, names read, pairs not met yet"] = (
        number / once(lambda: [match(o, vocabulary) for o in others]),
        "",
    )
    found["gateway, reading too, nothing known yet"] = (number / cold(people, vocabulary), "")
    found["gateway, from texts again: read, normalise and match"] = (
        number / best(lambda: [match(as_lists(p, vocabulary), vocabulary) for p in people], 3),
        "",
    )
    if importlib.util.find_spec("scipy"):
        names = [by_list(p) for p in people]
        for scorer, goal in ((fuzz.ratio, "3x"), (fuzz.token_set_ratio, "13x")):
            what = f"rapidfuzz cdist {scorer.__name__} + linear_sum_assignment"
            found[what] = (number / best(lambda scorer=scorer: assigned(names, scorer), 3), goal)  # type: ignore[misc]
    if importlib.util.find_spec("splink"):
        found["splink predict, trained before"] = (number / splink_seconds(people), "6x")
    warm = found[OURS][0]
    return [Rate(what, rate, None if what == OURS else warm / rate, goal) for what, (rate, goal) in found.items()]


def best(work: Callable[[], object], repeats: int = 7) -> float:
    """Seconds of processor time, the least of several warm calls."""
    work()
    gc.collect()
    gc.freeze()
    took = [once(work) for _ in range(repeats)]
    gc.unfreeze()
    return min(took)


def once(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def cold(people: Sequence[Patient], vocabulary: Vocabulary) -> float:
    """A vocabulary under another name, so that no name and no pair is remembered; its indexes are built before."""
    anew = msgspec.structs.replace(vocabulary, version=f"{vocabulary.version}-cold")
    read_name("Amlodopine 5mg tablets", anew)
    return once(lambda: [match(as_lists(p, anew), anew) for p in people])


def by_list(patient: Patient) -> list[list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for entry in patient.entries:
        found.setdefault(entry.list, []).append(msgspec.structs.replace(entry, text=entry.text.lower()))
    return list(found.values())


def assigned(people: Sequence[list[list[Entry]]], scorer: Callable[..., float]) -> list[tuple[str, str]]:
    """Pairs of ids: each two lists, every name with every name, the best assignment, above the threshold."""
    from scipy.optimize import linear_sum_assignment

    pairs: list[tuple[str, str]] = []
    for lists in people:
        texts = [[e.text for e in one] for one in lists]
        for (a, left), (b, right) in itertools.combinations(zip(lists, texts, strict=True), 2):
            scores = process.cdist(left, right, scorer=scorer)
            rows, columns = linear_sum_assignment(scores, maximize=True)
            kept = scores[rows, columns] >= THRESHOLD
            pairs += [(a[r].id, b[c].id) for r, c in zip(rows[kept].tolist(), columns[kept].tolist(), strict=True)]
    return pairs


def splink_seconds(people: Sequence[Patient]) -> float:
    """Seconds of one prediction over all patients together, its best case: alone, a patient takes it 80 ms and more."""
    import pandas as pd
    import splink.comparison_library as cl
    from splink import Linker, SettingsCreator, block_on
    from splink.backends.duckdb import DuckDBAPI
    from splink.blocking_rule_library import CustomRule

    rows = [
        {
            "unique_id": f"{p.id}/{e.id}",
            "patient": p.id,
            "list": e.list,
            "name": e.text.lower(),
            "first_word": e.text.lower().split(" ")[0],
            "strength": e.strength or None,
            "form": e.form or None,
        }
        for p in people
        for e in p.entries
    ]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[
            cl.JaroWinklerAtThresholds("name", [0.95, 0.88, 0.8]),
            cl.JaroWinklerAtThresholds("first_word", [0.95, 0.88]),
            cl.ExactMatch("strength"),
            cl.ExactMatch("form"),
        ],
        blocking_rules_to_generate_predictions=[CustomRule("l.patient = r.patient and l.list <> r.list")],
    )
    database = DuckDBAPI()
    linker = Linker(database.register(pd.DataFrame(rows)), settings, log_level=40)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e5, seed=1)
    linker.training.estimate_parameters_using_expectation_maximisation(block_on("patient", "first_word"))
    start = time.perf_counter()
    linker.inference.predict(threshold_match_probability=0.5)
    return time.perf_counter() - start


def show(rates: Sequence[Rate], number: int, seed: int, console: Console) -> None:
    title = f"Matching {number:,} invented patients, 4 lists of about 15, seed {seed}, one core"
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for column in ("patients/s", "we are faster", "goal"):
        table.add_column(column, justify="right")
    for one in rates:
        table.add_row(one.what, f"{one.per_second:,.0f}", "" if one.times is None else f"{one.times:.1f}x", one.goal)
    console.print(table)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.speed.matching", description=__doc__)
    parser.add_argument("--patients", type=int, default=500)
    parser.add_argument("--seed", type=int)
    asked = parser.parse_args()
    seed = fresh_seed() if asked.seed is None else asked.seed
    console = Console(width=120)
    missing = [name for name in ("scipy", "splink") if importlib.util.find_spec(name) is None]
    for name in missing:
        console.print(f"[bold red]NOT MEASURED: {name} is not installed (dependency group bench).")
    show(matching_rates(asked.patients, seed, load_vocabulary()), asked.patients, seed, console)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
