"""How many product names and dosage instructions are read in a second of processor time: cold (new to it), and warm.

The texts are made up: products as `names.texts` puts them together, a tenth of them misspelt, and every instruction of
an amount, a way of saying how often, and what it is for. The references do what is usual where names are not
understood: look for the nearest known name, and split into words.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Sequence

from msgspec import Struct
from rapidfuzz import fuzz, process

from conformance.speed.names import texts
from gateway.normalise.dose_text import read_dose_text
from gateway.normalise.product import read_name
from gateway.terminology.vocabulary import Vocabulary

_AMOUNTS = ("one", "two", "1", "2", "1-2", "half", "5ml", "10mg", "one tablet", "take one", "apply", "use")
_TIMES = (
    "daily", "twice a day", "bd", "tds", "three times a day", "each morning", "at night", "every 6 hours",
    "on alternate days", "weekly on Monday", "four times a day", "as directed",
)  # fmt: skip
_MORE = (
    "",
    " with food",
    " when required",
    " for pain when required",
    " for 7 days",
    " before breakfast",
    " in the evening",
)


class Rate(Struct, frozen=True):
    """`per_second` texts; `times` that of the reference of its kind."""

    what: str
    per_second: float
    times: float | None
    goal: str = ""


def product_texts(vocabulary: Vocabulary, count: int = 5_000) -> list[str]:
    """Others in each run, so that none was read before."""
    return list(dict.fromkeys(texts(vocabulary, count, seed=time.time_ns())))


def dose_texts() -> list[str]:
    return [f"{amount} {times}{more}" for amount, times, more in itertools.product(_AMOUNTS, _TIMES, _MORE)]


def rates(vocabulary: Vocabulary) -> list[Rate]:
    products, doses = product_texts(vocabulary), dose_texts()
    known = list(vocabulary.names)
    nearest = _per_second(lambda t: process.extractOne(t.lower(), known, scorer=fuzz.token_sort_ratio), products[::50])
    words = _per_second(lambda t: t.lower().split(), doses)
    found = [Rate(f"reference: the nearest of {len(known):,} names, token_sort_ratio", nearest, None)]
    for turn in ("cold", "warm"):
        rate = _per_second(lambda t: read_name(t, vocabulary), products)
        found.append(Rate(f"products read, {turn}", rate, rate / nearest))
    found.append(Rate("reference: an instruction split into words", words, None))
    for turn in ("cold", "warm"):
        rate = _per_second(lambda t: read_dose_text(t, vocabulary), doses)
        found.append(Rate(f"dose instructions read, {turn}", rate, rate / words, "50,000/s" if turn == "warm" else ""))
    return found


def _per_second(work: Callable[[str], object], texts: Sequence[str]) -> float:
    start = time.thread_time()
    for text in texts:
        work(text)
    return len(texts) / (time.thread_time() - start)
