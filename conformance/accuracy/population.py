"""`python -m conformance.accuracy.population`: rows and lines of invented patients against what is true of them.

At three vocabularies: whole; 85 % of the brands and 97 % of the substances; 50 % and 90 %. A fresh seed unless one is
given, printed with the figures. `--list-errors` names what was joined wrongly and what was missed most.
"""

from __future__ import annotations

import argparse
import datetime as dt
import itertools
import time
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct, field
from rich.console import Console
from rich.table import Table

from conformance.accuracy.reduced import reduced
from conformance.accuracy.synthetic import Entry, Patient, fresh_seed, patients
from gateway.matching.rows import match
from gateway.normalise.lists import normalise_list
from gateway.records.as_written import Concept, EntryAsWritten, WrittenMedicine
from gateway.records.lists import ListAsWritten, ListState, MedicineList
from gateway.records.matching import Matching
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

AT = dt.date(2026, 11, 24)


class Level(Struct, frozen=True):
    """Shares of brands and substances that the reader is told of, and what is asked of it there."""

    brands: float
    generics: float
    goal: str

    @property
    def label(self) -> str:
        return f"{self.brands:.0%} of brands, {self.generics:.0%} of substances"


LEVELS = (
    Level(1.0, 1.0, "0 wrong merges"),
    Level(0.85, 0.97, "safe recall 0.94"),
    Level(0.5, 0.9, "0.2 wrong merges per 1,000"),
)


class Measured(Struct, kw_only=True):
    """Pairs of entries of different lists, one course of one medicine. `pairs`: true; `right`: in one line of a row.

    `wrong_merges` are pairs in one row that are different medicines, `other_course` pairs in one line that are another
    course of the same. `in_row` are the true pairs in one row. `abstained` entries were not understood; of the pairs
    missed for want of a row, `suggested` were put before a person.
    """

    level: Level
    patients: int = 0
    entries: int = 0
    abstained: int = 0
    pairs: int = 0
    right: int = 0
    in_row: int = 0
    other_course: int = 0
    wrong_merges: int = 0
    suggested: int = 0
    seconds: float = 0.0
    missed: Counter[str] = field(default_factory=Counter)
    errors: list[str] = field(default_factory=list)

    @property
    def precision(self) -> float:
        said = self.right + self.other_course + self.wrong_merges
        return self.right / said if said else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.pairs if self.pairs else 1.0

    @property
    def f1(self) -> float:
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / total if total else 0.0

    @property
    def wrong_per_1000(self) -> float:
        return 1000 * self.wrong_merges / self.patients if self.patients else 0.0

    @property
    def safe_recall(self) -> float | None:
        """Recall with no wrong merge; None where there was one: the gateway has no threshold to raise."""
        return None if self.wrong_merges else self.recall


def measure(number: int, seed: int, vocabulary: Vocabulary, levels: Sequence[Level] = LEVELS) -> list[Measured]:
    """The same patients at each level."""
    found = []
    for level in levels:
        known = vocabulary
        if (level.brands, level.generics) != (1.0, 1.0):
            known = reduced(vocabulary, brands=level.brands, generics=level.generics, seed=seed)
        found.append(measure_one(patients(number, seed), known, level))
    return found


def measure_one(people: Iterable[Patient], vocabulary: Vocabulary, level: Level) -> Measured:
    found = Measured(level=level)
    for patient in people:
        start = time.perf_counter()
        lists = as_lists(patient, vocabulary)
        matching = match(lists, vocabulary)
        found.seconds += time.perf_counter() - start
        found.abstained += sum(not e.product.understood for one in lists for e in one.entries)
        _count(patient, matching, found)
    return found


def as_lists(patient: Patient, vocabulary: Vocabulary) -> list[MedicineList]:
    """The patient's lists as the gateway takes them; only the texts are given."""
    by_list: dict[str, list[Entry]] = {}
    for entry in patient.entries:
        by_list.setdefault(entry.list, []).append(entry)
    return [normalise_list(as_written(name, entries), vocabulary, AT) for name, entries in by_list.items()]


def as_written(name: str, entries: Sequence[Entry]) -> ListAsWritten:
    return ListAsWritten(
        name=name,
        state=ListState.COMPLETE,
        received=len(entries),
        entries=tuple(
            EntryAsWritten(
                id=one.id,
                list=name,
                resource=one.id.removeprefix(f"{name}/"),
                kind="MedicationStatement",
                status="active",
                status_as_written="active",
                medicine=WrittenMedicine(concept=Concept(text=one.text)),
            )
            for one in entries
        ),
    )


def _count(patient: Patient, matching: Matching, found: Measured) -> None:
    entries = {e.id: e for e in patient.entries}
    truth = patient.true_pairs()
    rows = {_key(a, b) for row in matching.rows for a, b in itertools.combinations(row.entries, 2)}
    lines = {_key(a, b) for row in matching.rows for line in row.lines for a, b in itertools.combinations(line, 2)}
    suggested = {_key(a, b) for s in matching.suggestions for a, b in itertools.combinations(s.entries, 2)}
    found.patients += 1
    found.entries += len(entries)
    found.pairs += len(truth)
    found.right += len(truth & lines)
    found.in_row += len(truth & rows)
    found.suggested += len((truth - rows) & suggested)
    for a, b in rows:
        if patient.wrong(a, b):
            found.wrong_merges += 1
            found.errors.append(f"{patient.id}: joined {entries[a].text!r} and {entries[b].text!r}")
    found.other_course += sum(1 for a, b in lines - truth if not patient.wrong(a, b))
    for a, b in truth - lines:
        found.missed[f"{_why(entries[a], entries[b])}: {'other line' if (a, b) in rows else 'other row'}"] += 1
        if len(found.errors) < 400:
            found.errors.append(f"{patient.id}: missed {entries[a].text!r} and {entries[b].text!r}")


def _key(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)


def _why(a: Entry, b: Entry) -> str:
    return ", ".join(sorted({f for e in (a, b) for f in e.faults})) or "no fault in the names"


def show(measured: Sequence[Measured], seed: int, console: Console) -> None:
    first = measured[0]
    table = Table(title=f"Invented patients: {first.patients:,}, seed {seed}", title_justify="left")
    table.add_column("the reader knows")
    columns = (
        "prec.",
        "recall",
        "F1",
        "row recall",
        "wrong merges",
        "per 1,000",
        "safe recall",
        "abstained",
        "suggested",
    )
    for column in columns:
        table.add_column(column, justify="right")
    table.add_column("goal")
    for one in measured:
        table.add_row(
            one.level.label,
            f"{one.precision:.4f}",
            f"{one.recall:.4f}",
            f"{one.f1:.4f}",
            f"{one.in_row / max(one.pairs, 1):.4f}",
            f"{one.wrong_merges:,}",
            f"{one.wrong_per_1000:.2f}",
            "none" if one.safe_recall is None else f"{one.safe_recall:.4f}",
            f"{one.abstained / max(one.entries, 1):.2%}",
            f"{one.suggested:,}",
            one.level.goal,
        )
    console.print(table)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m conformance.accuracy.population", description=__doc__)
    parser.add_argument("--patients", type=int, default=10_000)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--list-errors", action="store_true")
    asked = parser.parse_args(arguments)
    seed = fresh_seed() if asked.seed is None else asked.seed
    console = Console(width=160)
    measured = measure(asked.patients, seed, load_vocabulary())
    show(measured, seed, console)
    if asked.list_errors:
        for one in measured:
            console.print(f"[bold]{one.level.label}[/]", one.missed.most_common(20))
            for line in one.errors:
                console.print(line, markup=False, highlight=False)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
