"""Names read as ingredients: the brands licensed in Europe against their INN, and 88,000 noisy name variants.

Agreement is `name_variants.Judge`'s: the same set with synonyms and salts, or a reviewed exception, which is out of the
count, since there the record itself is not the truth.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from msgspec import Struct
from rapidfuzz import fuzz, process, utils

from conformance.accuracy import records
from conformance.accuracy.counts import Counts, Line
from conformance.accuracy.name_variants import Judge, load_exceptions
from conformance.accuracy.pairs import GATEWAY, thresholds
from gateway.terminology.vocabulary import Vocabulary

#: The peer compares each of so many names with each; more would take longer than the rest of the table together.
SAMPLE = 2_000

_MEANS = {"agrees": "right", "differs": "wrong", "abstained": "abstained", "explained": "explained"}


class Named(Struct, frozen=True):
    text: str
    means: str
    kept: bool


class Judged(Struct, frozen=True):
    """`verdict`: right, wrong, abstained, missed, or explained by a reviewed exception."""

    verdict: str
    said: str = ""


def licensed_brands() -> list[Named]:
    """The parts of a combination stand between semicolons in the file."""
    return [
        Named(r["ema_brand"], r["inn"].replace(";", " / "), kept)
        for r, kept in records.rows("ema_brand_to_rxnorm")
        if r["inn"]
    ]


def variants() -> list[Named]:
    """Rows whose two names are equal in lower case say nothing and are left out."""
    found = [Named(r["variant"], r["canonical"], kept) for r, kept in records.rows("drug_variant_to_canonical")]
    return [one for one in found if one.text.lower() != one.means.lower()]


def measure(vocabulary: Vocabulary) -> list[Line]:
    brands = load_exceptions(Path(__file__).with_name("brand_exceptions.yaml"))
    found = []
    for what, names, exceptions in (
        ("European brand read as its INN", licensed_brands(), brands),
        ("name variants (noisy)", variants(), load_exceptions()),
    ):
        judge, goal = Judge(vocabulary, exceptions), "0 wrong"
        found.append(_line(what, GATEWAY, names, [_judged(one, judge) for one in names], goal=goal))
        found.append(_peer(what, names))
    return found


def _judged(one: Named, judge: Judge) -> Judged:
    verdict, read = judge.verdict(one.text, one.means)
    return Judged(_MEANS[verdict], f"read as {' + '.join(read.ingredients)} ({read.known_by})")


def _line(what: str, method: str, names: Sequence[Named], answers: Sequence[Judged], **more: object) -> Line:
    both = list(zip(names, answers, strict=True))
    errors = [f"WRONG\t{n.text}\t{n.means}\t{a.said}" for n, a in both if a.verdict == "wrong" and not n.kept]
    explained = sum(a.verdict == "explained" for n, a in both if not n.kept)
    told: dict[str, object] = {"note": f"{explained} explained by a reviewed exception" if explained else ""}
    return Line(
        measure=what,
        method=method,
        tuned=_count(a.verdict for n, a in both if not n.kept),
        kept=_count(a.verdict for n, a in both if n.kept),
        errors=tuple(sorted(errors)),
        **(told | more),  # type: ignore[arg-type]
    )


def _count(verdicts: Iterable[str]) -> Counts:
    judged = [v for v in verdicts if v != "explained"]
    return Counts(
        positives=len(judged),
        right=judged.count("right"),
        wrong=judged.count("wrong"),
        abstained=judged.count("abstained"),
    )


def _peer(what: str, names: Sequence[Named]) -> Line:
    """The canonical name with the highest token_set_ratio, over all canonical names of the sample."""
    step = max(1, len(names) // SAMPLE)
    sample = list(islice(names, 0, None, step))
    known = sorted({one.means for one in sample})
    choices = {n: utils.default_process(name) for n, name in enumerate(known)}
    best = []
    for one in sample:
        hit = process.extractOne(utils.default_process(one.text), choices, scorer=fuzz.token_set_ratio)
        best.append((hit[1], known[hit[2]] == one.means) if hit else (0.0, False))
    tuned = [b for b, one in zip(best, sample, strict=True) if not one.kept]
    threshold, safe = thresholds(tuned)
    answers = [Judged("missed" if score < threshold else "right" if right else "wrong") for score, right in best]
    found = sum(score > safe for score, right in tuned if right) / max(1, len(tuned))
    note = f"nearest of {len(known):,} names, threshold {threshold:.3g}"
    return _line(what, "rapidfuzz token_set_ratio", sample, answers, safe_recall=found, note=note)
