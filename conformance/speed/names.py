"""How fast names are read, and how fast the compiled vocabulary loads: `python -m conformance.speed.names`.

Exit status 1 where loading takes more than 100 ms of processor time. The names are put together from the vocabulary's
own, so that nothing of anybody's records is needed; every one is another text, and so none is in the cache.
"""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections.abc import Iterator

from gateway.normalise.product import read_name
from gateway.terminology.load import load_vocabulary
from gateway.terminology.vocabulary import Vocabulary

#: Milliseconds of processor time, in a process that has imported everything else.
MOST_LOADING_MS = 100.0
_FORMS = (
    "tablets",
    "capsules",
    "oral solution",
    "modified-release tablets",
    "cream",
    "solution for injection 3ml vials",
)
_SUPPLIERS = ("", " (Accord Healthcare Ltd)", " (A A H Pharmaceuticals Ltd)", " 28 tablet", " [Foobrand]")
_LOAD = """
import time
from gateway.terminology.load import load_vocabulary
import gateway.normalise.product
start = time.process_time()
load_vocabulary()
print((time.process_time() - start) * 1000)
"""


def texts(vocabulary: Vocabulary, count: int, seed: int) -> Iterator[str]:
    chance = random.Random(seed)
    names = sorted(name.written for name in vocabulary.names.values() if name.kind != "appliance")
    for n in range(count):
        name = chance.choice(names)
        if chance.random() < 0.1:
            at = chance.randrange(len(name))
            name = name[:at] + name[at + 1 :]
        yield f"{name} {n % 997 + 1}mg {chance.choice(_FORMS)}{chance.choice(_SUPPLIERS)}"


def loading_ms(repeats: int = 7) -> float:
    """The best of several processes; the first of them may have to compile."""
    took = [
        float(subprocess.run([sys.executable, "-c", _LOAD], check=True, capture_output=True, text=True).stdout)
        for _ in range(repeats)
    ]
    return min(took)


def per_second(count: int = 20_000, seed: int | None = None) -> tuple[float, float]:
    """Names a second of processor time: never seen before, and seen before."""
    vocabulary = load_vocabulary()
    cold = list(dict.fromkeys(texts(vocabulary, count, seed if seed is not None else time.time_ns())))
    read_name("warm up", vocabulary)
    start = time.process_time()
    for text in cold:
        read_name(text, vocabulary)
    first = len(cold) / (time.process_time() - start)
    start = time.process_time()
    for _ in range(10):
        for text in cold:
            read_name(text, vocabulary)
    return first, 10 * len(cold) / (time.process_time() - start)


def main() -> int:
    loading = loading_ms()
    cold, warm = per_second()
    print(f"compiled vocabulary loaded in {loading:.0f} ms (goal: {MOST_LOADING_MS:.0f} ms)")
    print(f"names read: {cold:,.0f} a second never seen before, {warm:,.0f} seen before")
    return 0 if loading <= MOST_LOADING_MS else 1


if __name__ == "__main__":
    sys.exit(main())
