"""How many lines a second the commands `gateway read` and `gateway compare` answer, the start included."""

from __future__ import annotations

import itertools
import subprocess
import sys
import time

from conformance.speed.texts import Rate, dose_texts, product_texts
from gateway.terminology.vocabulary import Vocabulary

LINES = 5_000


def lines_per_second(vocabulary: Vocabulary) -> list[Rate]:
    """Every tenth line is blank: it wants its answer, too. Raises AssertionError where a line has none."""
    products, doses = (
        list(itertools.islice(itertools.cycle(t), LINES)) for t in (product_texts(vocabulary), dose_texts())
    )
    pairs = [f"{a}\t{b}" for a, b in zip(products, products[1:] + products[:1], strict=True)]
    return [
        _rate("gateway read medicine -", ("read", "medicine", "-"), products),
        _rate("gateway read dose -", ("read", "dose", "-"), doses),
        _rate("gateway compare -", ("compare", "-"), pairs),
    ]


def _rate(what: str, call: tuple[str, ...], lines: list[str]) -> Rate:
    given = "".join(f"{'' if n % 10 == 0 else line}\n" for n, line in enumerate(lines))
    start = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "gateway", *call], input=given.encode(), capture_output=True, check=True
    )
    took = time.perf_counter() - start
    answered = done.stdout.count(b"\n")
    assert answered == len(lines), f"{what}: {answered} answers to {len(lines)} lines"
    return Rate(what, len(lines) / took, None, "1,000 lines/s")
