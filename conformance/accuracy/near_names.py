"""Pairs of products of different substances whose names are nearest to each other, from the records' BNF codes.

The first nine characters of a BNF code are the chemical substance. What stands before the first number of a product's
name is its head; two heads of two chemicals are two medicines, except where reviewed.yaml says they are one substance.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz import fuzz, process

from conformance.accuracy import records
from conformance.accuracy.records import Pair
from conformance.accuracy.split import held_out

#: For each name so many of the nearest of other substances.
NEAREST = 8

_HEAD = re.compile(r"[^0-9]*")


@lru_cache(maxsize=1)
def near_names() -> tuple[Pair, ...]:
    """One product for each head and chemical; every pair once."""
    products: dict[tuple[str, str], str] = {}
    for name, code in _products():
        head = _head(name)
        if len(head) > 3 and len(code) >= 9:
            known = products.setdefault((head, code[:9]), name)
            products[(head, code[:9])] = min(known, name)
    keys = sorted(products)
    heads = [head for head, _ in keys]
    pairs: dict[tuple[str, str], Pair] = {}
    for n, (head, chemical) in enumerate(keys):
        taken = 0
        for other, _, m in process.extract(head, heads, scorer=fuzz.ratio, limit=NEAREST * 5):
            theirs = keys[m][1]
            if taken == NEAREST:
                break
            if records.one_substance(theirs, chemical) or other == head:
                continue
            taken += 1
            a, b = sorted((products[keys[n]], products[keys[m]]))
            pairs[a, b] = Pair(a, b, False, held_out(a))
    return tuple(pairs.values())


def _head(name: str) -> str:
    match = _HEAD.match(name)
    return " ".join(match.group().lower().replace("/", " ").split()) if match else ""


def _products() -> list[tuple[str, str]]:
    found = []
    for row, _ in records.rows("uk_brand_to_generic"):
        found += [(row["brand_product"], row["bnf_brand"]), (row["generic_product"], row["bnf_generic"])]
    found = [(name, code) for name, code in found if not name.startswith(records.NO_NAME)]
    for row, _ in records.rows("hard_negative_pairs"):
        found += [(row["name_a"], row["key_a"]), (row["name_b"], row["key_b"])]
    return found
