"""The invented patients as lines of the table: the gateway at three vocabularies, and the peers on the same patients.

Thresholds of the peers are set for the best F1 on the first half of the patients; both halves are reported, the second
as the one kept aside. Safe recall is what a method still finds, over all patients, at the threshold above its last
wrong-ingredient merge; those merges are the "harmful" ones, counted per 1,000 patients.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from conformance.accuracy.counts import Counts, Line
from conformance.accuracy.peers import populations
from conformance.accuracy.peers.populations import Accepted, Name, Scores
from conformance.accuracy.peers.scored import missing
from conformance.accuracy.population import LEVELS, Level, measure_one
from conformance.accuracy.reduced import reduced
from conformance.accuracy.synthetic import Entry, Patient, fresh_seed, patients
from gateway.normalise.product import read_name
from gateway.terminology.vocabulary import Vocabulary

#: Enough for the peers' figures to stand; the gateway alone is measured on 10,000 by `population`.
PATIENTS = 500


def measure(vocabulary: Vocabulary, number: int = PATIENTS, seed: int | None = None) -> list[Line]:
    seed = fresh_seed() if seed is None else seed
    people = list(patients(number, seed))
    found = [_gateway(people, _knows(vocabulary, level, seed), level) for level in LEVELS]
    found += [peer_line(method, people, s) for method, s in _methods(people, _knows(vocabulary, LEVELS[1], seed))]
    measured = f"{number:,} invented patients, seed {seed}"
    return [msgspec.structs.replace(one, measure=measured) for one in found]


def _knows(vocabulary: Vocabulary, level: Level, seed: int) -> Vocabulary:
    if level.brands == level.generics == 1:
        return vocabulary
    return reduced(vocabulary, brands=level.brands, generics=level.generics, seed=seed)


def _gateway(people: Sequence[Patient], vocabulary: Vocabulary, level: Level) -> Line:
    half = len(people) // 2
    halves = [measure_one(part, vocabulary, level) for part in (people[:half], people[half:])]
    counts = [
        Counts(
            positives=one.pairs,
            right=one.right,
            wrong=one.wrong_merges + one.other_course,
            abstained=one.abstained,
        )
        for one in halves
    ]
    harm = sum(one.wrong_merges for one in halves)
    right, positives = (sum(getattr(c, f) for c in counts) for f in ("right", "positives"))
    return Line(
        measure="",
        method=f"gateway, {level.label}",
        tuned=counts[0],
        kept=counts[1],
        safe_recall=0.0 if harm else right / max(1, positives),
        note=f"{1000 * harm / len(people):,.1f} harmful per 1,000; goal: {level.goal}",
        errors=tuple(e for one in halves for e in one.errors if "joined" in e),
    )


def _methods(people: Sequence[Patient], vocabulary: Vocabulary) -> list[tuple[str, Scores]]:
    """Peers with what is written, and with the names as the gateway reads them at 85 % and 97 %."""

    def read(entry: Entry) -> str:
        product = read_name(entry.text, vocabulary)
        return " + ".join(product.ingredients) if product.understood else populations.as_written(entry)

    ways: list[tuple[str, Callable[[Sequence[Patient], Name], Scores]]] = [
        ("rapidfuzz token_set", populations.similarity)
    ]
    if "splink" not in missing():
        from conformance.accuracy.peers import splink_patients

        ways.append(("splink", splink_patients.score))
    if "recordlinkage" not in missing():
        from conformance.accuracy.peers import recordlinkage_patients

        ways.append(("recordlinkage", recordlinkage_patients.score))
    names = (("as written", populations.as_written), ("gateway's names 85/97", read))
    return [(f"{method}, {how}", score(people, name)) for method, score in ways for how, name in names]


def peer_line(method: str, people: Sequence[Patient], scores: Scores) -> Line:
    said = populations.accepted(people, scores)
    half = len(people) // 2
    truth = [len(one.true_pairs()) for one in people]
    best = best_threshold([one for one in said if one.patient < half], sum(truth[:half]))
    safe = max((one.score for one in said if one.harm), default=float("-inf"))
    kept = [one for one in said if one.score >= best]
    counts = [
        Counts(
            positives=sum(part),
            right=sum(one.right for one in kept if (one.patient < half) is first),
            wrong=sum(not one.right for one in kept if (one.patient < half) is first),
        )
        for first, part in ((True, truth[:half]), (False, truth[half:]))
    ]
    harm = sum(one.harm for one in kept)
    return Line(
        measure="",
        method=method,
        tuned=counts[0],
        kept=counts[1],
        safe_recall=sum(one.right for one in said if one.score > safe) / max(1, sum(truth)),
        note=f"{1000 * harm / len(people):,.1f} harmful per 1,000, threshold {best:.3g}",
    )


def best_threshold(said: Sequence[Accepted], positives: int) -> float:
    """The score from which accepting gives the best F1."""
    best, best_f1, right = float("inf"), 0.0, 0
    ordered = sorted(said, key=lambda one: -one.score)
    for n, one in enumerate(ordered, start=1):
        right += one.right
        if n < len(ordered) and ordered[n].score == one.score:
            continue
        f1 = 2 * right / (n + positives)
        if f1 > best_f1:
            best, best_f1 = one.score, f1
    return best
