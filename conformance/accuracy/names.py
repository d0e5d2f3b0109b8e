"""Names read as ingredients: the brands licensed in Europe against their INN, and 88,000 noisy name variants.

The truth is the record's own canonical name, read by the same reader so that synonyms are one; where that name is not
known to the vocabulary, an answer is judged by its words. Whatever the reader does not know it must not read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import islice

from msgspec import Struct
from rapidfuzz import fuzz, process, utils

from conformance.accuracy import records
from conformance.accuracy.counts import Counts, Line
from conformance.accuracy.pairs import GATEWAY, thresholds
from gateway.normalise.product import read_name
from gateway.terminology.vocabulary import Vocabulary, normalise_words

#: The peer compares each of so many names with each; more would take longer than the rest of the table together.
SAMPLE = 2_000


class Named(Struct, frozen=True):
    text: str
    means: str
    kept: bool


def licensed_brands() -> list[Named]:
    return [Named(r["ema_brand"], r["inn"], kept) for r, kept in records.rows("ema_brand_to_rxnorm") if r["inn"]]


def variants() -> list[Named]:
    """One of each name and meaning; those whose two names are equal in lower case say nothing."""
    found = {
        (r["variant"].lower(), r["canonical"].lower()): kept for r, kept in records.rows("drug_variant_to_canonical")
    }
    return [Named(text, means, kept) for (text, means), kept in found.items() if text != means]


def measure(vocabulary: Vocabulary) -> list[Line]:
    found = []
    for what, names, goal in (
        ("European brand read as its INN", licensed_brands(), "0 wrong"),
        ("name variants (noisy)", variants(), "each wrong one reviewed"),
    ):
        answers = [judge(one, vocabulary) for one in names]
        found.append(_line(what, GATEWAY, names, answers, goal=goal))
        found.append(_peer(what, names))
    return found


def judge(one: Named, vocabulary: Vocabulary) -> tuple[str, str]:
    """right, wrong, abstained, reviewed or unknown (nobody can say), with the reason."""
    read = read_name(one.text, vocabulary)
    if not read.understood:
        return "abstained", "; ".join(read.contradictions) or "not understood"
    meant = read_name(one.means, vocabulary)
    said = f"read as {' + '.join(read.ingredients)}"
    if meant.understood:
        if meant.ingredients == read.ingredients:
            return "right", said
    elif normalise_words(one.means) in {*read.ingredients, *(normalise_words(i) for i in read.ingredients)}:
        return "right", said
    why = records.reviewed(one.text, one.means)
    return ("reviewed", why) if why else ("wrong", said)


def _line(
    what: str, method: str, names: Sequence[Named], answers: Sequence[tuple[str, str]], **more: object
) -> Line:
    both = list(zip(names, answers, strict=True))
    errors = [f"{a.upper()}\t{n.text}\t{n.means}\t{why}" for n, (a, why) in both if a == "wrong" and not n.kept]
    reviewed = sum(a == "reviewed" for n, (a, _) in both if not n.kept)
    return Line(
        measure=what,
        method=method,
        tuned=_count(a for n, (a, _) in both if not n.kept),
        kept=_count(a for n, (a, _) in both if n.kept),
        errors=tuple(sorted(errors)),
        note=f"{reviewed} of another meaning, reviewed" if reviewed else "",
        **more,  # type: ignore[arg-type]
    )


def _count(answers: Iterable[str]) -> Counts:
    """A reviewed row is out of the count: its own record is not the truth."""
    judged = [a for a in answers if a != "reviewed"]
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
    threshold, safe = thresholds([b for b, one in zip(best, sample, strict=True) if not one.kept])
    answers = [
        ("right" if right else "wrong", "") if score >= threshold else ("missed", "") for score, right in best
    ]
    tuned = [b for b, one in zip(best, sample, strict=True) if not one.kept]
    line = _line(what, "rapidfuzz token_set_ratio", sample, answers)
    return Line(
        measure=line.measure,
        method=line.method,
        tuned=line.tuned,
        kept=line.kept,
        safe_recall=sum(s > safe for s, right in tuned if right) / max(1, len(tuned)),
        note=f"nearest of {len(known):,} names, threshold {threshold:.3g}",
    )
