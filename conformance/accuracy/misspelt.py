"""Names of the vocabulary with one and with two letters wrong: read as what was meant, or not at all.

Ten thousand of each in every run, with a fresh seed. Where the slip makes another known name (or one with nothing but
that between them), no reader could know better; those are left out. The peer takes the nearest known name.
"""

from __future__ import annotations

import random

from msgspec import Struct
from rapidfuzz import fuzz, process

from conformance.accuracy.counts import Counts, Line
from conformance.accuracy.pairs import GATEWAY, thresholds
from conformance.accuracy.synthetic import fresh_seed
from conformance.accuracy.synthetic.faults import one_edit
from gateway.normalise.product import read_name
from gateway.terminology.vocabulary import Vocabulary, normalise_words

NUMBER = 10_000
_SUBSTANCE = ("ingredient", "synonym", "salt", "combination")
_BRAND = ("brand",)
#: The peer looks through all names for each.
SAMPLE = 1_000
#: A shorter word is no name to a reader of slips, and in life it is an abbreviation.
SHORTEST = 5


class Slip(Struct, frozen=True):
    written: str
    name: str


def slips(vocabulary: Vocabulary, kinds: tuple[str, ...], edits: int, number: int, seed: int) -> list[Slip]:
    chance = random.Random(seed)
    names = [
        key
        for key, name in sorted(vocabulary.names.items())
        if name.kind in kinds and len(key) >= SHORTEST and key.isalpha()
    ]
    found: list[Slip] = []
    while len(found) < number:
        name = chance.choice(names)
        written = name
        for _ in range(edits):
            written = one_edit(chance, written)
        key = normalise_words(written)
        if key != name and key not in vocabulary.names:
            found.append(Slip(written, name))
    return found


def measure(vocabulary: Vocabulary, seed: int | None = None) -> list[Line]:
    seed = fresh_seed() if seed is None else seed
    found = []
    for edits, kinds, words, goal in (
        (1, _SUBSTANCE, "a substance, one letter wrong", "0 wrong, 98 % read"),
        (1, _BRAND, "a brand, one letter wrong", "0 wrong"),
        (2, (*_SUBSTANCE, *_BRAND), "two letters wrong", "0 wrong"),
    ):
        given = slips(vocabulary, kinds, edits, NUMBER, seed)
        what = f"{words} (seed {seed})"
        found.append(_gateway(what, given, vocabulary, goal))
        found.append(_nearest(what, given[:SAMPLE], vocabulary))
    return found


def _gateway(what: str, given: list[Slip], vocabulary: Vocabulary, goal: str) -> Line:
    right = abstained = 0
    errors = []
    for slip in given:
        read = read_name(slip.written, vocabulary)
        if not read.understood:
            abstained += 1
        elif set(read.ingredients) == set(vocabulary.names[slip.name].ingredients):
            right += 1
        else:
            errors.append(f"WRONG\t{slip.written}\t{slip.name}\tread as {' + '.join(read.ingredients)}")
    counts = Counts(positives=len(given), right=right, wrong=len(errors), abstained=abstained)
    return Line(measure=what, method=GATEWAY, tuned=counts, goal=goal, errors=tuple(errors))


def _nearest(what: str, given: list[Slip], vocabulary: Vocabulary) -> Line:
    names = list(vocabulary.names)
    scored = []
    for slip in given:
        hit = process.extractOne(normalise_words(slip.written), names, scorer=fuzz.ratio)
        same = hit is not None and vocabulary.names[hit[0]].ingredients == vocabulary.names[slip.name].ingredients
        scored.append((hit[1] if hit else 0.0, same))
    best, safe = thresholds(scored)
    taken = [same for score, same in scored if score >= best]
    counts = Counts(positives=len(given), right=sum(taken), wrong=len(taken) - sum(taken))
    recall = sum(same for score, same in scored if score > safe) / len(scored)
    note = f"nearest of {len(names):,} names, threshold {best:.3g}"
    return Line(measure=what, method="rapidfuzz ratio", tuned=counts, safe_recall=recall, note=note)
