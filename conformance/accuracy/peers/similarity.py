"""rapidfuzz on the names as they are written, lower case."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz, utils

from conformance.accuracy.records import Pair


def token_set(pairs: Sequence[Pair]) -> list[float]:
    return [fuzz.token_set_ratio(p.a, p.b, processor=utils.default_process) for p in pairs]


def token_sort(pairs: Sequence[Pair]) -> list[float]:
    return [fuzz.token_sort_ratio(p.a, p.b, processor=utils.default_process) for p in pairs]
