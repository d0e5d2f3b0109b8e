"""recordlinkage's unsupervised ECM classifier on invented patients; its match probability is the score."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import recordlinkage

from conformance.accuracy.peers.populations import Name, Scores, as_written, candidates, records
from conformance.accuracy.synthetic import Patient


def score(people: Sequence[Patient], name: Name = as_written) -> Scores:
    table = pd.DataFrame(records(people, name))
    places = {(n, e): i for i, (n, e) in enumerate(zip(table["patient"], table["entry"], strict=True))}
    keys = [(n, a.id, b.id) for n, patient in enumerate(people) for a, b in candidates(patient)]
    index = pd.MultiIndex.from_arrays([[places[n, a] for n, a, _ in keys], [places[n, b] for n, _, b in keys]])
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.88, label="name")
    compare.string("first_word", "first_word", method="jarowinkler", threshold=0.88, label="first_word")
    compare.exact("strength", "strength", label="strength")
    compare.exact("form", "form", label="form")
    features = compare.compute(index, table, table)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    return list(zip(keys, (float(p) for p in classifier.prob(features)), strict=True))
