"""recordlinkage's unsupervised ECM classifier on the same fields; its match probability is the score."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import recordlinkage

from conformance.accuracy.peers.fields import fields
from conformance.accuracy.records import Pair


def score(pairs: Sequence[Pair]) -> list[float]:
    left = pd.DataFrame([fields(p.a) for p in pairs])
    right = pd.DataFrame([fields(p.b) for p in pairs])
    index = pd.MultiIndex.from_arrays([range(len(pairs)), range(len(pairs))])
    compare = recordlinkage.Compare()
    compare.string("name", "name", method="jarowinkler", threshold=0.88, label="name")
    compare.string("first_word", "first_word", method="jarowinkler", threshold=0.88, label="first_word")
    compare.exact("strength", "strength", label="strength")
    compare.exact("form", "form", label="form")
    features = compare.compute(index, left, right)
    classifier = recordlinkage.ECMClassifier()
    classifier.fit(features)
    return [float(p) for p in classifier.prob(features)]
