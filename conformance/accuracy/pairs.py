"""Pairs of names: are they one medicine, are they one product?

"One medicine" is what puts two entries into one row; "one product" is what lets them pass without a difference of
strength, form or release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from conformance.accuracy import records
from conformance.accuracy.counts import Counts, Line
from conformance.accuracy.near_names import near_names
from conformance.accuracy.peers.scored import Scored, peers
from conformance.accuracy.records import Pair
from gateway.matching.compare import compare
from gateway.normalise.product import read_name
from gateway.records.matching import MatchLevel
from gateway.terminology.vocabulary import Vocabulary

GATEWAY = "gateway"
_ROW = {MatchLevel.SAME_PRODUCT, MatchLevel.SAME_GENERIC, MatchLevel.SAME_INGREDIENTS, MatchLevel.SPELLING}
_PRODUCT = {MatchLevel.SAME_PRODUCT, MatchLevel.SAME_GENERIC}


class Answer(Struct, frozen=True):
    """`abstained`: a name was not understood, or a person is asked."""

    merged: bool
    abstained: bool
    why: str = ""


Method = Callable[[Sequence[Pair]], list[Answer]]


def gateway_answers(pairs: Sequence[Pair], vocabulary: Vocabulary, levels: set[MatchLevel]) -> list[Answer]:
    found = []
    for pair in pairs:
        a, b = read_name(pair.a, vocabulary), read_name(pair.b, vocabulary)
        match = compare(a, b, vocabulary)
        merged = match.level in levels
        abstained = not merged and (match.suggestion or not (a.understood and b.understood))
        found.append(Answer(merged, abstained, f"{match.level}: {'; '.join(match.reasons)}"))
    return found


def count(pairs: Sequence[Pair], answers: Sequence[Answer]) -> Counts:
    counted = Counts()
    for pair, answer in zip(pairs, answers, strict=True):
        counted += Counts(
            positives=int(pair.same),
            negatives=int(not pair.same),
            right=int(answer.merged and pair.same),
            wrong=int(answer.merged and not pair.same),
            abstained=int(answer.abstained),
        )
    return counted


def line(measure: str, method: str, pairs: Sequence[Pair], answers: Sequence[Answer], **more: object) -> Line:
    both = list(zip(pairs, answers, strict=True))
    tuned = [(p, a) for p, a in both if not p.kept]
    kept = [(p, a) for p, a in both if p.kept]
    errors = [
        f"{'WRONG' if a.merged else 'abstained' if a.abstained else 'missed'}\t{p.a}\t{p.b}\t{a.why}"
        for p, a in tuned
        if a.merged != p.same
    ]
    return Line(
        measure=measure,
        method=method,
        tuned=count([p for p, _ in tuned], [a for _, a in tuned]),
        kept=count([p for p, _ in kept], [a for _, a in kept]),
        errors=tuple(sorted(errors)),
        **more,  # type: ignore[arg-type]
    )


def measure(vocabulary: Vocabulary) -> list[Line]:
    """Each kind of pair alone, then true and false pairs together beside the peers."""
    kinds = (
        ("UK brand and its generic", records.brands(), _ROW, "recall .97"),
        ("one code, two names", records.renamed(), _ROW, "recall .97"),
        ("European brand and RxNorm name", records.licensed(), _ROW, ""),
        ("other substance, like spelling", records.other_substances(), _ROW, "0 wrong"),
        ("other substance, nearest names", near_names(), _ROW, "0 wrong of 6,000"),
        ("other strength or form, as one product", records.other_strengths(), _PRODUCT, "0 wrong"),
    )
    found = [
        line(what, GATEWAY, pairs, gateway_answers(pairs, vocabulary, levels), goal=goal)
        for what, pairs, levels, goal in kinds
    ]
    true = [*records.brands(), *records.renamed()]
    medicine = [*true, *records.other_substances(), *near_names()]
    product = [*true, *records.other_strengths(), *records.other_substances()]
    for what, pairs, levels in (("one medicine or not", medicine, _ROW), ("one product or not", product, _PRODUCT)):
        goal = "recall .97, precision .999" if levels is _ROW else ""
        found.append(line(what, GATEWAY, pairs, gateway_answers(pairs, vocabulary, levels), goal=goal))
        found += [_peer(what, peer, pairs) for peer in peers()]
    return found


def _peer(what: str, peer: Scored, pairs: Sequence[Pair]) -> Line:
    """At the threshold with the best F1 on the tuned part; safe recall at the lowest one with no wrong merge there."""
    scores = peer.score(pairs)
    tuned = [(s, p.same) for s, p in zip(scores, pairs, strict=True) if not p.kept]
    best, safe = thresholds(tuned)
    answers = [Answer(s >= best, abstained=False) for s in scores]
    found = sum(s > safe for s, same in tuned if same) / max(1, sum(same for _, same in tuned))
    return line(what, peer.name, pairs, answers, safe_recall=found, note=f"threshold {best:.3g}")


def thresholds(scored: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """The score from which accepting gives the best F1, and the highest score of a pair that is not the same."""
    positives = sum(same for _, same in scored)
    best, best_f1, right, wrong = float("inf"), 0.0, 0, 0
    ordered = sorted(scored, key=lambda one: -one[0])
    for n, (score, same) in enumerate(ordered):
        right, wrong = right + same, wrong + (not same)
        if n + 1 < len(ordered) and ordered[n + 1][0] == score:
            continue
        f1 = 2 * right / (right + wrong + positives) if positives else 0.0
        if f1 > best_f1:
            best, best_f1 = score, f1
    return best, max((s for s, same in scored if not same), default=float("-inf"))
