"""Is any written name read as another ingredient than it means? Over 88,000 names with their meanings, noisy as is.

`python -m conformance.accuracy.name_variants` lists each name that is read, and not as its meaning, unless a reviewed
exception explains it; exit status 1 where one is left, 2 where the records are absent. Abstaining is never an error
here. The rows kept aside are only counted, never shown.
"""

from __future__ import annotations

import csv
import json
import os
import sys
from collections import Counter
from pathlib import Path

import msgspec
import yaml
from msgspec import Struct

from conformance.accuracy.split import held_out
from gateway.normalise.product import read_name
from gateway.records.product import Product
from gateway.terminology.load import load_vocabulary
from gateway.terminology.named import ingredients_named
from gateway.terminology.vocabulary import Vocabulary, normalise_words

ROOT = Path(__file__).resolve().parents[2]


class Explained(Struct, frozen=True, forbid_unknown_fields=True):
    """A name (`written`) or a meaning (`means`) of the file, what we read of it, and why that is no error."""

    read: tuple[str, ...]
    why: str
    written: str | None = None
    means: str | None = None


class Exceptions(Struct, frozen=True, forbid_unknown_fields=True):
    block: str
    source: str
    review: dict[str, str | None]
    exceptions: tuple[Explained, ...]


def load_exceptions(path: Path | None = None) -> Exceptions:
    text = (path or Path(__file__).with_name("name_variant_exceptions.yaml")).read_text(encoding="utf-8")
    return msgspec.convert(yaml.safe_load(text), Exceptions)


class Judge:
    """Compares a reading with a meaning; remembers which exceptions were used."""

    def __init__(self, vocabulary: Vocabulary, exceptions: Exceptions) -> None:
        self._vocabulary = vocabulary
        self._by_name = {normalise_words(e.written): e for e in exceptions.exceptions if e.written}
        self._by_meaning = {
            (normalise_words(e.means), tuple(sorted(e.read))): e for e in exceptions.exceptions if e.means
        }
        self.used: set[Explained] = set()

    def verdict(self, written: str, meaning: str) -> tuple[str, Product]:
        """abstained, agrees, explained or differs."""
        read = read_name(written, self._vocabulary)
        if not read.understood or read.appliance:
            return "abstained", read
        if self._agrees(read.ingredients, meaning):
            return "agrees", read
        found = self._by_name.get(normalise_words(written))
        if found is None or tuple(sorted(found.read)) != read.ingredients:
            found = self._by_meaning.get((normalise_words(meaning), read.ingredients))
        if found is None:
            return "differs", read
        self.used.add(found)
        return "explained", read

    def _agrees(self, ours: tuple[str, ...], meaning: str) -> bool:
        """The same set, with synonyms and salts; or a meaning whose words name just this set."""
        said = read_name(meaning, self._vocabulary).ingredients
        named = tuple(sorted(ingredients_named(meaning, self._vocabulary)))
        return any(self._same(ours, theirs) for theirs in (said, named) if theirs) or self._plain(ours) == {
            normalise_words(meaning)
        }

    def _same(self, one: tuple[str, ...], other: tuple[str, ...]) -> bool:
        """Equal, or one says the base of which the other says the salt. Two salts of one base are not the same."""
        if len(one) != len(other):
            return False
        left, right = set(one) - set(other), set(other) - set(one)
        return all(any(self._base(a) == b or self._base(b) == a for b in right) for a in left)

    def _plain(self, ingredients: tuple[str, ...]) -> set[str]:
        return {normalise_words(self._base(i) or i) for i in ingredients}

    def _base(self, ingredient: str) -> str | None:
        known = self._vocabulary.ingredients.get(ingredient)
        return known.base if known else None


def main() -> int:
    folder = Path(os.environ.get("GATEWAY_RECORDS", ROOT.parent / "shared" / "records"))
    path = folder / "names" / "drug_variant_to_canonical.csv"
    if not path.is_file():
        print(f"NOT RUN: {path} is absent; set GATEWAY_RECORDS", file=sys.stderr)
        return 2
    exceptions = load_exceptions()
    judge = Judge(load_vocabulary(), exceptions)
    counts: Counter[str] = Counter()
    aside: Counter[str] = Counter()
    left = 0
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            verdict, read = judge.verdict(row["variant"], row["canonical"])
            if held_out(row["variant"]):
                aside[verdict] += 1
                continue
            counts[verdict] += 1
            if verdict == "differs":
                left += 1
                ours = " + ".join(read.ingredients)
                print(f"{row['variant']!r} is read as {ours} ({read.known_by}), and means {row['canonical']!r}")
    unused = [e for e in exceptions.exceptions if e not in judge.used]
    print(_line("names looked at", counts))
    print(_line("names kept aside", aside))
    print(f"{len(exceptions.exceptions)} exceptions, {len(unused)} of them not needed by the names looked at")
    result = {"looked_at": dict(counts), "kept_aside": dict(aside)}
    out = ROOT / "build" / "accuracy-name-variants.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1, sort_keys=True) + "\n", encoding="utf-8")
    return 1 if left else 0


def _line(what: str, counts: Counter[str]) -> str:
    said = ", ".join(f"{counts[verdict]:,} {verdict}" for verdict in ("agrees", "abstained", "explained", "differs"))
    return f"{what}: {sum(counts.values()):,}: {said}"


if __name__ == "__main__":
    sys.exit(main())
