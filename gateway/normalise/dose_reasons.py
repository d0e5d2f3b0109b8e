"""Productions for "as needed" and for what a medicine is for."""

from __future__ import annotations

from gateway.normalise.dose_amounts import Read
from gateway.normalise.dose_facts import AsNeeded, Filler, Once, Route
from gateway.normalise.dose_scan import Scan

_LONGEST_REASON = 8
#: A reason ends where one of these begins.
_NO_REASON = (
    "number",
    "frequency",
    "maximum",
    "maximum_daily",
    "every",
    "then",
    "once",
    "as_needed",
    "stays_text",
    "until",
    "up_to",
    "day",
    "when",
    "at",
    "lasting_up_to",
    "apart",
    "over",
)
_TRAILING = frozenset({"and", "or", "of", "the", "a", "und", "oder", "-", "/", "'", "&", "in", "to", "for", "with"})
#: A misspelt "maximum" is no reason either.
_LIMIT = ("max", "min")


def as_needed(scan: Scan, i: int) -> Read | None:
    """ "when required for pain", "prn SOB", "prn po pain"."""
    found = scan.at(i, "as_needed")
    if found is None:
        return _as_needed_for(scan, i)
    j = found[1]
    route = scan.at(j, "route")
    k = route[1] if route else j
    named = _reason(scan, k)
    if named is None:
        return (AsNeeded(None),), j
    facts = (AsNeeded(named[0]), Route(route[0])) if route else (AsNeeded(named[0]),)
    return facts, named[1]


def _as_needed_for(scan: Scan, i: int) -> Read | None:
    """German "bei Kopfschmerzen:"; "at onset of migraine", which is one dose each time."""
    onset = scan.at(i, "at_onset_of")
    lead = onset or scan.at(i, "as_needed_for")
    named = _words(scan, lead[1], 3) if lead else None
    if named is None:
        return None
    facts = (AsNeeded(named[0]), Once(undivided=True)) if onset else (AsNeeded(named[0]),)
    return facts, named[1]


def reason(scan: Scan, i: int) -> Read | None:
    """What it is for, where it is not said to be as needed: read, and kept in the text only."""
    lead = scan.at(i, "reason_for")
    named = _words(scan, lead[1], _LONGEST_REASON) if lead else None
    return ((Filler(),), named[1]) if named else None


def _reason(scan: Scan, j: int) -> tuple[str, int] | None:
    lead = scan.at(j, "reason_for")
    if lead is None:
        j = j + 1 if scan.token(j) == "-" else j
        return None if scan.at(j, "advice_joint") else _words(scan, j, 6)
    while again := scan.at(lead[1], "reason_for"):
        lead = again
    return _words(scan, lead[1], _LONGEST_REASON)


def _words(scan: Scan, j: int, most: int) -> tuple[str, int] | None:
    """Up to `most` words, none of which carries weight in a dose."""
    k, count, end = j, 0, j
    safety = scan.language.safety
    while k < scan.size and count < most:
        token = scan.token(k)
        if token in {"/", "-", "&"} and k > j:
            k += 1
            continue
        if not token[0].isalpha() or token in safety or token.startswith(_LIMIT) or _ends_reason(scan, k):
            break
        k, count = k + 1, count + 1
        if token not in _TRAILING:
            end = k
    return (scan.words(j, end), end) if end > j else None


def _ends_reason(scan: Scan, k: int) -> bool:
    kinds = scan.kinds(k)
    if scan.token(k) in _TRAILING:
        longer = ("frequency", "every", "as_needed", "maximum", "stays_text", "when", "then")
        return any(kind in kinds and kinds[kind][1] > k + 1 for kind in longer)
    return any(kind in kinds for kind in _NO_REASON) or ("verb" in kinds and "advice" not in kinds)
