"""Published methods on invented patients: each scores the pairs of entries of different lists of one patient.

From the scores lines are made as the gateway makes them: the likest pair first, one entry of each list beside another.
A method sees the text, the strength and the form, never the truth.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Sequence

from msgspec import Struct
from rapidfuzz import fuzz, utils

from conformance.accuracy.peers.fields import fields
from conformance.accuracy.synthetic import Entry, Patient

#: (place of the patient, id, id) and how alike.
Scores = list[tuple[tuple[int, str, str], float]]
#: What a method takes as the name of an entry.
Name = Callable[[Entry], str]


class Accepted(Struct, frozen=True):
    """A pair that stands in one line from this score down: of one course, or of two medicines."""

    patient: int
    score: float
    right: bool
    harm: bool


def candidates(patient: Patient) -> list[tuple[Entry, Entry]]:
    entries = sorted(patient.entries, key=lambda e: e.id)
    return [(a, b) for a, b in itertools.combinations(entries, 2) if a.list != b.list]


def as_written(entry: Entry) -> str:
    return utils.default_process(entry.text)


def similarity(people: Sequence[Patient], name: Name = as_written) -> Scores:
    """rapidfuzz token_set_ratio of the names."""
    found: Scores = []
    for n, patient in enumerate(people):
        names = {e.id: name(e) for e in patient.entries}
        found += [((n, a.id, b.id), fuzz.token_set_ratio(names[a.id], names[b.id])) for a, b in candidates(patient)]
    return found


def records(people: Sequence[Patient], name: Name) -> list[dict[str, object]]:
    """One row for each entry, with the fields that a linkage library is given."""
    found: list[dict[str, object]] = []
    for n, patient in enumerate(people):
        for entry in sorted(patient.entries, key=lambda e: e.id):
            text = name(entry)
            found.append(
                {
                    "unique_id": len(found),
                    "patient": n,
                    "list": entry.list,
                    "entry": entry.id,
                    "name": text,
                    "first_word": fields(text)["first_word"],
                    "strength": entry.strength or None,
                    "form": entry.form or None,
                }
            )
    return found


def accepted(people: Sequence[Patient], scores: Scores) -> list[Accepted]:
    """The pairs in the order in which they are accepted, so that a threshold only cuts the tail."""
    by_patient: dict[int, list[tuple[float, str, str]]] = defaultdict(list)
    for (n, a, b), score in scores:
        by_patient[n].append((score, a, b))
    found = []
    for n, patient in enumerate(people):
        lists = {e.id: e.list for e in patient.entries}
        truth = patient.true_pairs()
        taken: set[tuple[str, str]] = set()
        for score, a, b in sorted(by_patient[n], key=lambda one: (-one[0], one[1], one[2])):
            if (a, lists[b]) in taken or (b, lists[a]) in taken:
                continue
            taken |= {(a, lists[b]), (b, lists[a])}
            pair = (a, b) if a < b else (b, a)
            found.append(Accepted(n, score, pair in truth, patient.wrong(a, b)))
    return found
